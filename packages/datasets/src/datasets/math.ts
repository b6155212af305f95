import { z } from "zod";
import type { Dataset } from "../dataset.js";
import { nonBlank, parseRow } from "../parse-row.js";
import { readParquet } from "../read/read-parquet.js";

const REPO = "EleutherAI/hendrycks_math";
/** In the order in which the paper's script evaluates them. */
const CONFIGURATIONS = [
  "algebra",
  "counting_and_probability",
  "geometry",
  "intermediate_algebra",
  "number_theory",
  "prealgebra",
  "precalculus",
];
const rowSchema = z.object({ problem: nonBlank, solution: nonBlank });

/** MATH, all seven configurations one after the other. `type` is the configuration. */
export const math: Dataset = {
  name: "math",
  task: "math",
  title: "MATH",
  defaultSplit: "test",
  splits: ["train", "test"],
  rows: { train: 7_500, test: 5_000 },
  goldField: "solution (its last box)",
  repo: REPO,
  source: `${REPO}, all seven configurations`,
  async *read(split, sources) {
    const shards = [`${split}-00000-of-00001.parquet`];
    for (const type of CONFIGURATIONS) {
      for (const file of await sources.hubSplit({ repo: REPO, directory: type, split, shards })) {
        for await (const row of readParquet(file, ["problem", "solution"])) {
          const { problem, solution } = parseRow(row, rowSchema);
          yield { task: "math", question: problem, solution, type };
        }
      }
    }
  },
};
