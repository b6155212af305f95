import { gradeRefinedAnswer } from "@pka/grading";
import { compareResults, forEachResultRow, formatPValue, readResultRows, regradeFile } from "@pka/harness";
import { markdownTable } from "./markdown-table.js";
import { type PublishedFile, publishedFiles, publishedTests, traceOf } from "./shared-data.js";

/** Gains of gpt-oss-20b by reinforcement learning on TriviaQA, in points, as the paper's abstract gives them. */
const ABSTRACT = { TriviaQA: 9.9, NQ: 4.2, HotpotQA: 2.1, SimpleQA: 0.6, StrategyQA: 3.0 } as const;

/** `results/paper-figures.md`: what the paper's files say, and what PKA makes of their texts. Needs the shared data. */
export async function paperFigures(): Promise<string> {
  return `# The paper's figures

Made by \`npx tsx --conditions=@pka/source docs/generate.ts\`; a test compares it with what is computed anew.

## Rates

"Published" are the counts that a result file of the paper states, "recomputed" what PKA makes of the texts in that file: it takes the
answers out anew and grades them anew. Where there is no recomputed figure, the file is not at hand. An \`ex_\` file holds the answers that
a judge refined (Ex-Recall); the judge's replies are taken as they are.

${await ratesTable()}

## Differences that the abstract states

Points that gpt-oss-20b gains by reinforcement learning on TriviaQA, without cues, with thinking: refined recall, in StrategyQA recall. "From
the files" is the difference of the published rates where both are at hand, in full precision.

${gainsTable()}

## Tests

McNemar's test between two published files, paired by question: the counts and the p-value of the paper's script, and PKA's. The script
computes 1 − cdf, which has no digits left below 1e-16 and then is 0.

${await testsTable()}
`;
}

async function ratesTable(): Promise<string> {
  const rows: string[][] = [];
  for (const published of publishedFiles()) {
    const trace = traceOf(published.file);
    const recomputed = trace === undefined ? undefined : await recompute(published, trace);
    const stated = statedFigures(published);
    for (const [metric, count] of Object.entries(stated)) {
      const again = recomputed?.[metric];
      const show = (value: number) =>
        metric === "mean tokens" ? value.toFixed(2) : `${((100 * value) / published.rows).toFixed(2)} % (${value})`;
      rows.push([
        code(published.file),
        String(published.rows),
        metric,
        show(count),
        again === undefined ? "–" : show(again),
        again === undefined ? "–" : again === count ? "yes" : "no",
      ]);
    }
  }
  return markdownTable(["file", "rows", "metric", "published", "recomputed", "equal"], rows);
}

/** Counts by metric. */
type Figures = Readonly<Record<string, number>>;

function statedFigures({ recalled, aggregate_metrics: stated }: PublishedFile): Figures {
  if (stated === undefined) return { "refined recall": recalled! };
  return {
    recall: stated.recall_successes,
    "exact match": stated.exact_match_successes,
    "mean tokens": stated.avg_tokens_per_response,
  };
}

async function recompute({ kind }: PublishedFile, path: string): Promise<Figures> {
  if (kind === "ex") {
    let recalled = 0;
    await forEachResultRow(
      path,
      ({ prediction, refined, answers }) => {
        const answer = { extracted: prediction ?? "", refined: refined ?? "", answers: answers ?? [] };
        if (gradeRefinedAnswer(answer).recalled) recalled += 1;
      },
      { columns: ["answers", "prediction", "refined"] },
    );
    return { "refined recall": recalled };
  }
  const { graders, rows } = await regradeFile(path);
  const { verdicts } = graders.find(({ grader }) => grader.name === "eval")!;
  return {
    recall: verdicts.filter((verdict) => verdict?.recall).length,
    "exact match": verdicts.filter((verdict) => verdict?.exactMatch).length,
    "mean tokens": rows.reduce((sum, { numTokens }) => sum + numTokens!, 0) / rows.length,
  };
}

function gainsTable(): string {
  const files = new Map(publishedFiles().map((file) => [file.file, file]));
  const rateOf = (name: string) => {
    const file = files.get(name);
    return file && (100 * (file.recalled ?? file.aggregate_metrics!.recall_successes)) / file.rows;
  };
  const rows = Object.entries(ABSTRACT).map(([folder, gain]) => {
    // StrategyQA's answers are one word, and the paper refines none of them.
    const prefix = folder === "StrategyQA" ? "" : "ex_";
    const nameOf = (checkpoint: string) =>
      `${folder}/gpt-oss-20b/${prefix}${folder.toLowerCase()}_gptoss20b_${checkpoint}no_cues_with_thinking.json`;
    const before = rateOf(nameOf(""));
    const after = rateOf(nameOf("inference1240_"));
    const difference = before === undefined || after === undefined ? "–" : `+${(after - before).toFixed(2)}`;
    return [folder, `+${gain.toFixed(1)}`, difference];
  });
  return markdownTable(["dataset", "abstract", "from the files"], rows);
}

async function testsTable(): Promise<string> {
  const rows: string[][] = [];
  for (const { file1, file2, metric, pairing, kind, b, c, p_value: published } of publishedTests()) {
    const [path1, path2] = [traceOf(file1), traceOf(file2)];
    if (pairing !== "question" || kind === "mixed" || path1 === undefined || path2 === undefined) continue;
    const [first, second] = [
      await readResultRows(path1, { columns: [] }),
      await readResultRows(path2, { columns: [] }),
    ];
    const [compared] = compareResults(first, second, {
      metrics: [metric === "recall" ? "recall" : "exactMatch"],
      resamples: 100,
    }).metrics;
    const { mcnemar, table } = compared!;
    rows.push([
      `${code(file1)} against ${code(file2)}`,
      metric.replace("_", " "),
      `${b} / ${c}`,
      `${table.firstOnly} / ${table.secondOnly}`,
      published === 0 ? "0" : published.toPrecision(3),
      mcnemar.pValue === null ? "–" : formatPValue(mcnemar.pValue),
    ]);
  }
  return markdownTable(
    ["files", "metric", "only first / only second right", "recomputed", "p of the script", "p of PKA"],
    rows,
  );
}

function code(file: string): string {
  return `\`${file}\``;
}
