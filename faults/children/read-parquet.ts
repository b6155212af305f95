// Loads HotpotQA from a folder: `read-parquet.ts <folder>`.
import { loadDataset } from "@pka/datasets";

const [dataDir = ""] = process.argv.slice(2);
const error: unknown = await loadDataset("hotpotqa", { dataDir, hub: { offline: true } }).catch(
  (thrown: unknown) => thrown,
);
process.stderr.write(error instanceof Error ? error.message : "it was read");
process.exitCode = error instanceof Error ? 1 : 0;
