import type { Tokenizer } from "@pka/core";
import { compareResults, readResultRows, type ResultRows, summarizeResults } from "@pka/harness";
import { clusterWilsonInterval, type Interval } from "@pka/stats";
import { extractThinking, summarizeThinking } from "@pka/thinking-tokens";
import type { ExperimentFiles } from "./run-experiment.js";

/** A checkpoint asked in one way. */
export interface Condition {
  readonly name: keyof ExperimentFiles;
  readonly file: string;
  /** Questions × samples. */
  readonly rows: number;
  /** In [0, 1]. */
  readonly recall: number;
  /** Wilson's, 95 %, samples of a question counted together. */
  readonly recallInterval: Interval;
  /** Rows whose outcome is `answered`. */
  readonly completed: number;
  /** Among these, in [0, 1]; `null` when there are none. */
  readonly recallOfCompleted: number | null;
  /** Where recall would lie if every other row were wrong, and if every one were right. */
  readonly recallBounds: readonly [lower: number, upper: number];
  /** In [0, 1]. */
  readonly exactMatch: number;
  /** Mean and median number of words and marks in a thought; `null` where none was asked for. */
  readonly thinkingTokens: { readonly mean: number; readonly median: number } | null;
}

/** Recall of one condition minus that of another on the same questions and samples. */
export interface Contrast {
  readonly name: ContrastName;
  readonly first: keyof ExperimentFiles;
  readonly second: keyof ExperimentFiles;
  readonly difference: number;
  /** 95 %, samples of a question counted together; `null` where nothing differs. */
  readonly interval: { readonly lower: number; readonly upper: number } | null;
  /** Two-sided, samples of a question counted together; `null` where nothing differs. */
  readonly pValue: number | null;
  /** p < 0.05. */
  readonly isSignificant: boolean;
}

export type ContrastName = "rlGain" | "thinkingAfterRl" | "overControl" | "thinkingBeforeRl" | "controlGain";

/** What is compared, the demo's main question first. */
const CONTRASTS: readonly (readonly [ContrastName, keyof ExperimentFiles, keyof ExperimentFiles])[] = [
  ["rlGain", "rlThinking", "sftThinking"],
  ["thinkingAfterRl", "rlThinking", "rlDirect"],
  ["overControl", "rlThinking", "controlDirect"],
  ["thinkingBeforeRl", "sftThinking", "sftDirect"],
  ["controlGain", "controlDirect", "sftDirect"],
];

export interface ExperimentMeasures {
  readonly conditions: readonly Condition[];
  readonly contrasts: readonly Contrast[];
}

/** Read the result files of an experiment back, and compare them. */
export async function measureExperiment(files: ExperimentFiles, tokenizer: Tokenizer): Promise<ExperimentMeasures> {
  const names = Object.keys(files) as (keyof ExperimentFiles)[];
  const read = await Promise.all(names.map((name) => readResultRows(files[name], { columns: ["text"] })));
  const rows = Object.fromEntries(names.map((name, i) => [name, read[i]!])) as Record<
    keyof ExperimentFiles,
    ResultRows
  >;
  return {
    conditions: names.map((name) => conditionOf(name, rows[name], tokenizer)),
    contrasts: CONTRASTS.map(([name, first, second]): Contrast => {
      const [recall] = compareResults(rows[first], rows[second], { metrics: ["recall"] }).metrics;
      const { difference, clustered, isSignificant } = recall!;
      const { interval = null, pValue = null } = clustered ?? {};
      return {
        name,
        first,
        second,
        difference,
        interval: interval && { lower: interval.lower, upper: interval.upper },
        pValue,
        isSignificant,
      };
    }),
  };
}

function conditionOf(name: keyof ExperimentFiles, file: ResultRows, tokenizer: Tokenizer): Condition {
  const { path, rows } = file;
  const summary = summarizeResults(file);
  const share = (metric: "recall" | "exactMatch") => rows.filter(({ metrics }) => metrics[metric]).length / rows.length;
  const samples = rows.map(({ text, metrics, question, index }) => {
    const thinking = extractThinking(text ?? "", "think-tags");
    const length = tokenizer.encode(thinking.text).length;
    return { state: thinking.state, length, isRight: metrics.recall ?? null, question: question ?? index };
  });
  const { lower, upper } = clusterWilsonInterval(
    rows.map(({ metrics }) => metrics.recall === true),
    samples.map(({ question }) => question),
  );
  const { lengths } = summarizeThinking(samples);
  const isThinking = name.endsWith("Thinking");
  return {
    name,
    file: path,
    rows: rows.length,
    recall: share("recall"),
    recallInterval: { lower, upper },
    completed: summary.numCompleted,
    recallOfCompleted: summary.metrics.recall!.rateOfCompleted,
    recallBounds: summary.metrics.recall!.bounds,
    exactMatch: share("exactMatch"),
    thinkingTokens: isThinking && lengths ? { mean: lengths.mean, median: lengths.median } : null,
  };
}
