import { join } from "node:path";
import type { Example, Logger } from "@pka/core";
import { ask } from "./ask.js";
import type { AskRow } from "./ask-rows.js";
import { classifyOutcome } from "./classify-outcome.js";
import { type Condition, conditionHash, conditionOf } from "./condition.js";
import { drawSeed } from "./draw-seed.js";
import { checkOptions, type EvaluateOptions } from "./evaluate-options.js";
import type { Spend } from "./ledger.js";
import { modelAsRecorded } from "./open-run.js";
import { resultFileName } from "./result/file-name.js";
import { writeResult } from "./result/write-result.js";
import { runRows } from "./run-rows.js";
import { specialTokensIn } from "./special-tokens.js";
import { type EvaluationSummary, summarize } from "./summary.js";
import { gradeCompletion } from "./verdict.js";

/** What `evaluate` did. */
export interface EvaluationReport {
  /**
   * `complete`: every row that was not done has been asked. `interrupted`: by one of the signals, or, with `retry`, there are rows that
   * were never asked. `stopped`: see `stopReason`.
   */
  readonly status: "complete" | "interrupted" | "stopped";
  /** What went wrong, in words for the user. */
  readonly stopReason?: string;
  readonly resultPath: string;
  /** `false` when nothing has finished yet, and after `abortSignal`: the file is then absent or as it was before. */
  readonly resultWritten: boolean;
  readonly journalPath: string;
  /** Rows that were done when this process started. */
  readonly resumed: number;
  /** Attempts that finished in this process. */
  readonly asked: number;
  /** Of this run with all its processes. */
  readonly spend: Spend;
  readonly summary: EvaluationSummary;
}

/**
 * Ask a model every question of a dataset and leave the paper's result file, with a journal beside it.
 *
 * Every finished attempt is in the journal before the next question is launched, so a run that ends in any way, `kill -9` included,
 * is continued by the same call: rows that have an answer are not asked again, rows whose last attempt is an error are. With `retry`
 * it asks rows again that came out in other ways; the earlier attempts stay in the journal, and the result says which rows these are.
 * Rows are identified by id, content hash and sample, so a run may be continued with other rows of the dataset or more samples.
 * The model stays open.
 *
 * @throws UsageError for options that cannot be, an empty dataset among them.
 * @throws ResumeRefusedError, NothingToRetryError, JournalLockedError, JournalDamagedError, OutputError. Whatever finished before stays in the journal.
 */
export async function evaluate(options: EvaluateOptions): Promise<EvaluationReport> {
  checkOptions(options);
  const { dataset, cues, thinking, samples = 1, abortSignal } = options;
  const { examples, fingerprint } = dataset;
  const checkpointName = options.checkpoint?.name;
  const fileName = resultFileName({ dataset: dataset.name, model: options.model, checkpointName, cues, thinking });
  const resultPath = join(options.outputDir, fileName);
  warnOfSpecialTokens(examples, options.logger);
  const model = await modelAsRecorded(resultPath, options);
  const condition = conditionOf({ ...options, model });
  const asking = {
    items: examples,
    samples,
    condition,
    fingerprint,
    ask: askOf({ ...options, model }, condition),
    isLocal: model.isLocal ?? false,
  };

  return runRows({ ...options, ...asking, resultPath }, async ({ index, journalPath, resumed, ...end }) => {
    // Derive the result from the journal.
    const summary = summarize(examples[0]!.task, index, samples);
    const isWhole = summary.finished === summary.total;
    const status = end.status === "complete" && !isWhole ? "interrupted" : end.status;
    const resultWritten = summary.finished > 0 && !abortSignal?.aborted;
    if (resultWritten) {
      const pka = { conditionHash: conditionHash(condition), status, samples, summary, spend: end.spend };
      await writeResult({ path: resultPath, journalPath, examples, index, ...pka });
    }
    return { ...end, status, resultPath, resultWritten, journalPath, resumed, summary };
  });
}

function warnOfSpecialTokens(examples: readonly Example[], logger: Logger | undefined): void {
  const spelled = examples.map(({ question }) => specialTokensIn(question)).filter((tokens) => tokens.length > 0);
  if (spelled.length === 0) return;
  const names = [...new Set(spelled.flat())];
  const list = names.slice(0, 3).join(", ") + (names.length > 3 ? ", …" : "");
  logger?.warn(
    `${spelled.length} of ${examples.length} questions spell out special tokens (${list}). They are sent as they are, and the model ` +
      `may take them for its own; their rows have special_tokens`,
  );
}

/** Asks the question of a row under the condition, and grades the answer as the paper does. */
function askOf({ dataset, model, samples = 1 }: EvaluateOptions, condition: Condition): AskRow {
  const { cues, thinking, sampling, seed: runSeed } = condition;
  return (row, attempt, signal, numDrawn) => {
    const example = dataset.examples[Math.floor(row / samples)]!;
    const { id, hash, task, question } = example;
    const sample = row % samples;
    const seed = runSeed === null ? {} : { seed: drawSeed(runSeed, id, sample, numDrawn) };
    return ask({
      model,
      request: { task, question, cues, thinking, sampling, ...seed },
      row: { id, hash, sample, attempt },
      judge: (completion) => {
        const extraction = model.extraction({ task, thinking });
        const verdict = gradeCompletion(example, completion.text, extraction);
        return { verdict, outcome: classifyOutcome(completion, verdict, extraction) };
      },
      signal,
    });
  };
}
