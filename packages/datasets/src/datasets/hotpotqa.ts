import { z } from "zod";
import type { Dataset } from "../dataset.js";
import { nonBlank, parseRow } from "../parse-row.js";
import { readParquet } from "../read/read-parquet.js";

const REPO = "hotpotqa/hotpot_qa";
const SHARDS: Readonly<Record<string, readonly string[]>> = {
  train: ["train-00000-of-00002.parquet", "train-00001-of-00002.parquet"],
  validation: ["validation-00000-of-00001.parquet"],
};
const rowSchema = z.object({ question: nonBlank, answer: nonBlank });

/** HotpotQA, asked without its paragraphs. One accepted answer per question. */
export const hotpotqa: Dataset = {
  name: "hotpotqa",
  task: "qa",
  title: "HotpotQA (fullwiki)",
  defaultSplit: "validation",
  splits: ["train", "validation"],
  rows: { train: 90_447, validation: 7_405 },
  goldField: "answer",
  repo: REPO,
  source: `${REPO}, configuration fullwiki`,
  async *read(split, sources) {
    const files = await sources.hubSplit({ repo: REPO, directory: "fullwiki", split, shards: SHARDS[split]! });
    for (const file of files) {
      for await (const row of readParquet(file, ["question", "answer"])) {
        const { question, answer } = parseRow(row, rowSchema);
        yield { task: "qa", question, answers: [answer] };
      }
    }
  },
};
