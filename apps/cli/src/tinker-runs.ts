import { allPages } from "@pka/tinker";
import { table } from "./format.js";
import { openTinker } from "./open-tinker.js";
import { printable } from "./stderr.js";
import { printJson } from "./print-json.js";

/** `pka tinker runs`. */
export async function listRuns(options: { limit: number; json?: true; baseUrl?: string }): Promise<void> {
  const { rest } = openTinker(options);
  const { items, totalCount } = await allPages((page) => rest.listTrainingRuns(page), options.limit);
  if (options.json) {
    printJson({ schema: 1, totalCount, trainingRuns: items });
    return;
  }
  const rows = items.map((run) => [
    run.trainingRunId,
    run.baseModel,
    run.isLora ? `rank ${run.loraRank ?? "?"}` : "no",
    run.lastRequestTime.toISOString(),
    run.isCorrupted ? "failed" : "ok",
  ]);
  const cells = rows.map((row) => row.map(printable));
  console.log(table(["training run", "base model", "LoRA", "last request", "status"], cells));
  if (totalCount !== undefined) console.log(`${items.length} of ${totalCount}`);
}
