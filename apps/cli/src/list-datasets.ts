import { DATASETS } from "@pka/datasets";
import { table } from "./format.js";
import { printJson } from "./print-json.js";

/** `pka datasets`. */
export function listDatasets(options: { json?: true }): void {
  const datasets = Object.values(DATASETS);
  if (options.json) {
    printJson({ schema: 1, datasets });
    return;
  }
  const rows = datasets.map(({ name, title, task, defaultSplit, splits, rows: count, source }) => [
    name,
    title,
    task === "math" ? "MATH" : "QA",
    splits
      .map((split) => `${split} ${count[split]?.toLocaleString("en") ?? "?"}${split === defaultSplit ? " *" : ""}`)
      .join("\n"),
    source,
  ]);
  console.log(table(["dataset", "title", "task", "split, rows (* default)", "source"], rows));
}
