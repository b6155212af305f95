import { formatPValue } from "@pka/harness";
import { percent, percentInterval, table } from "../format.js";
import { printable } from "../stderr.js";
import type { DemoSettings } from "./demo-config.js";
import type { Condition, Contrast, ContrastName } from "./measure-experiment.js";
import type { PooledGains } from "./pool-seeds.js";
import type { SeedResult } from "./seed-result.js";

export const DISCLAIMER =
  "A tiny synthetic model answers questions about an invented world; its figures say nothing about real models.";

const CONDITION_TITLES: Readonly<Record<Condition["name"], readonly [checkpoint: string, thinking: string]>> = {
  sftThinking: ["fine-tuned", "yes"],
  sftDirect: ["fine-tuned", "no"],
  rlThinking: ["RL with thinking", "yes"],
  rlDirect: ["RL with thinking", "no"],
  controlDirect: ["RL without thinking", "no"],
};

const CONTRAST_TITLES: Readonly<Record<ContrastName, string>> = {
  rlGain: "RL with thinking: after − before, asked with thinking",
  thinkingAfterRl: "after it: with thinking − without",
  overControl: "RL with thinking − RL without, each asked as trained",
  thinkingBeforeRl: "before RL: with thinking − without",
  controlGain: "RL without thinking: after − before, asked without",
};

/** Results to stdout: tables for people, or one JSON document of a stable schema. */
export function printDemo(
  settings: DemoSettings,
  results: readonly SeedResult[],
  pooled: PooledGains,
  asJson: boolean,
): void {
  if (asJson) {
    const { loss, loraRank = null, steps } = settings;
    const document = { schema: 1, command: "demo", note: DISCLAIMER, loss, loraRank, steps, seeds: results, pooled };
    console.log(JSON.stringify(document, null, 2));
    return;
  }
  if (results.length === 1) printSeed(results[0]!);
  else printSeeds(results, pooled);
  console.log(DISCLAIMER);
  for (const { report } of results) console.log(printable(report));
}

function printSeed({ conditions, contrasts }: SeedResult): void {
  console.log("Two-hop questions about people whom no training asked about:");
  const head = ["checkpoint", "thinking", "rows", "recall", "95 % interval", "of answered", "bounds", "exact match"];
  const rows = conditions.map(({ name, thinkingTokens, ...condition }) => [
    ...CONDITION_TITLES[name],
    String(condition.rows),
    percent(condition.recall),
    percentInterval(condition.recallInterval),
    condition.recallOfCompleted === null ? "–" : percent(condition.recallOfCompleted),
    percentInterval(condition.recallBounds),
    percent(condition.exactMatch),
    thinkingTokens === null ? "–" : `${thinkingTokens.mean.toFixed(1)} (median ${thinkingTokens.median})`,
  ]);
  console.log(table([...head, "tokens of thought"], rows));
  const compared = contrasts.map((contrast) => [
    CONTRAST_TITLES[contrast.name],
    points(contrast.difference),
    intervalOf(contrast),
    pOf(contrast.pValue),
  ]);
  console.log(table(["recall compared", "points", "95 % interval", "p, by question"], compared));
}

function printSeeds(results: readonly SeedResult[], pooled: PooledGains): void {
  const head = ["seed", "before RL", "after RL", "gain, points", "95 % interval", "p, by question", "over no thinking"];
  const rows = results.map(({ seed, conditions, contrasts }) => {
    const recallOf = (name: Condition["name"]) => percent(conditions.find((one) => one.name === name)!.recall);
    const contrast = (name: ContrastName) => contrasts.find((one) => one.name === name)!;
    const gain = contrast("rlGain");
    return [
      String(seed),
      recallOf("sftThinking"),
      recallOf("rlThinking"),
      points(gain.difference),
      intervalOf(gain),
      pOf(gain.pValue),
      `${points(contrast("overControl").difference)} (${pOf(contrast("overControl").pValue)})`,
    ];
  });
  console.log("Recall with thinking of two-hop questions about people whom no training asked about:");
  console.log(table(head, rows));
  const { seeds, significant, mean, min, max, pValue } = pooled;
  console.log(
    `a significant gain in ${significant} of ${seeds} seeds; mean gain ${points(mean)} points, ${points(min)} to ${points(max)}` +
      (pValue === null ? "" : `; sign-flip test over seeds ${formatPValue(pValue)}`),
  );
}

function points(difference: number): string {
  return `${difference < 0 ? "−" : "+"}${Math.abs(100 * difference).toFixed(1)}`;
}

function intervalOf({ interval }: Contrast): string {
  return interval === null ? "–" : `[${points(interval.lower)}, ${points(interval.upper)}]`;
}

function pOf(pValue: number | null): string {
  return pValue === null ? "–" : formatPValue(pValue);
}
