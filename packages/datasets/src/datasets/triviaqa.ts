import { z } from "zod";
import type { Dataset } from "../dataset.js";
import { nonBlank, parseRow } from "../parse-row.js";
import { readParquet } from "../read/read-parquet.js";

const REPO = "mandarjoshi/trivia_qa";
const rowSchema = z.object({
  question: nonBlank,
  answer: z.object({ normalized_aliases: z.array(z.string()), value: z.string().nullish() }),
});

/** TriviaQA without evidence. A question stands once per evidence domain, so many repeat. Answers are all normalised aliases; the canonical one is `answer.value`. */
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
      for await (const row of readParquet(file, ["question", "answer.normalized_aliases"], ["answer.value"])) {
        const { question, answer } = parseRow(row, rowSchema);
        const { normalized_aliases: answers, value } = answer;
        yield { task: "qa", question, answers, ...(value && { canonicalAnswer: value }) };
      }
    }
  },
};
