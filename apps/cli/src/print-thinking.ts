import type { ThinkingReport } from "@pka/harness";
import type { LengthContrast, ThinkingSummary } from "@pka/thinking-tokens";
import { percent, table } from "./format.js";
import { printable } from "./stderr.js";

type Measured = Extract<ThinkingReport, { type: "measured" }>;
type Unit = "tokens" | "characters";

/** The averages of the paper's script, and what they hide. */
export function printThinking(reports: readonly Measured[], unit: Unit): void {
  const isSampled = reports.some(({ summary }) => summary.withinQuestion !== null);
  console.log(`Thinking in ${unit}, as the paper counts it: a thought of gpt-oss that was cut is 0 long`);
  console.log(
    table(
      ["file", "rows", "average", "right", "average", "wrong", "average"],
      reports.map(({ key, averages }) => [
        nameOf(key),
        String(averages.totalSamples),
        averages.avgThinkingTokens.toFixed(2),
        String(averages.numRecalled),
        averages.avgThinkingTokensRecalled.toFixed(2),
        String(averages.numNotRecalled),
        averages.avgThinkingTokensNotRecalled.toFixed(2),
      ]),
    ),
  );
  console.log(
    `\nRows that thought, in ${unit}; cut thoughts count as long as they are. Right − wrong with its 95 % interval`,
  );
  console.log(
    table(
      [
        "file",
        "thought",
        "median",
        "5–95 %",
        "longest",
        "never ended",
        "right − wrong",
        "of those ended",
        ...(isSampled ? ["within a question"] : []),
      ],
      reports.map(({ key, summary }) => [
        nameOf(key),
        ...lengthCells(summary),
        difference(summary.contrast),
        difference(summary.contrastOfClosed),
        ...(isSampled ? [difference(summary.withinQuestion)] : []),
      ]),
    ),
  );
}

function nameOf(key: string): string {
  return printable(key.replace(/\.json(?:\.gz)?$/, ""));
}

function lengthCells({ lengths, states, unclosed }: ThinkingSummary): string[] {
  const thought = String(states.closed + states.unclosed);
  if (lengths === null || unclosed === null) return [thought, "–", "–", "–", "–"];
  const whole = (length: number) => String(Math.round(length));
  const range = `${whole(lengths.p5)}–${whole(lengths.p95)}`;
  return [thought, whole(lengths.median), range, whole(lengths.max), percent(unclosed.share)];
}

function difference(contrast: Pick<LengthContrast, "difference" | "lower" | "upper"> | null): string {
  if (contrast === null) return "–";
  return `${contrast.difference.toFixed(1)} [${contrast.lower.toFixed(1)}, ${contrast.upper.toFixed(1)}]`;
}

/** What `--json` prints. */
export function thinkingJson(reports: readonly ThinkingReport[], unit: Unit): object {
  const of = <Type extends ThinkingReport["type"]>(type: Type) =>
    reports.filter((report): report is Extract<ThinkingReport, { type: Type }> => report.type === type);
  return {
    schema: 1,
    unit,
    intervals: {
      contrast: "percentile bootstrap over questions, 2,000 resamples, seed 0",
      withinQuestion: "mean ± z·standard error over questions",
      unclosed: "Wilson",
    },
    files: of("measured").map(({ key, path, modelType, refinedPath, averages, summary, numWithoutText, refined }) => ({
      file: key,
      path,
      modelType,
      refinedPath,
      averages,
      ...summary,
      numWithoutText,
      refined,
    })),
    skipped: of("skipped").map(({ key, reason }) => ({ file: key, reason })),
    failed: of("failed").map(({ key, error }) => ({ file: key, code: error.code, message: error.message })),
  };
}
