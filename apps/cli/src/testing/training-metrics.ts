import { join } from "node:path";
import { readJsonLines } from "@pka/training";

/** The metrics that a training run logged, without the times, which differ from run to run. */
export function trainingMetrics(logPath: string) {
  return readJsonLines(join(logPath, "metrics.jsonl")).map((row) =>
    Object.fromEntries(Object.entries(row).filter(([name]) => !name.includes("time"))),
  );
}
