import { z } from "zod";
import type { Dataset } from "../dataset.js";
import { nonBlank, parseRow } from "../parse-row.js";
import { readParquet } from "../read/read-parquet.js";

const REPO = "mandarjoshi/trivia_qa";
const rowSchema = z.object({
  question: nonBlank,
  answer: z.object({ normalized_aliases: z.array(z.string()) }),
});

/** TriviaQA without evidence. A question stands once per evidence domain, so many repeat. Answers are all normalised aliases. */
export const triviaqa: Dataset = {
  name: "triviaqa",
  task: "qa",
  title: "TriviaQA (rc.nocontext)",
  defaultSplit: "validation",
  splits: ["train", "validation"],
  rows: { train: 138_384, validation: 17_944 },
  goldField: "answer.normalized_aliases",
  repo: REPO,
  source: `${REPO}, configuration rc.nocontext`,
  async *read(split, sources) {
    const shards = [`${split}-00000-of-00001.parquet`];
    for (const file of await sources.hubSplit({ repo: REPO, directory: "rc.nocontext", split, shards })) {
      for await (const row of readParquet(file, ["question", "answer.normalized_aliases"])) {
        const { question, answer } = parseRow(row, rowSchema);
        yield { task: "qa", question, answers: answer.normalized_aliases };
      }
    }
  },
};
