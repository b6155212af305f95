import { z } from "zod";
import type { Dataset } from "../dataset.js";
import { nonBlank, parseRow } from "../parse-row.js";
import { readJsonl } from "../read/read-jsonl.js";

const COMMIT = "fb26a3073b1fe636c97302890a27b491d6530130";
const rowSchema = z.object({ question: nonBlank, answer: z.array(z.string()).min(1, "holds no accepted answer") });

/** The development set of Natural Questions in its open form: short answers, no document. */
export const nq: Dataset = {
  name: "nq",
  task: "qa",
  title: "Natural Questions (NQ-open)",
  defaultSplit: "dev",
  splits: ["dev"],
  rows: { dev: 3_610 },
  goldField: "answer",
  source: "github.com/google-research-datasets/natural-questions, nq_open/NQ-open.dev.jsonl",
  async *read(_split, sources) {
    const file = await sources.webFile({
      path: "NQ/NQ-open.dev.jsonl",
      url: `https://raw.githubusercontent.com/google-research-datasets/natural-questions/${COMMIT}/nq_open/NQ-open.dev.jsonl`,
      sha256: "f15567f38099f3615f5b8a685c0aef449c11ad90d3da3735e8d1b98115b40616",
      revision: COMMIT,
    });
    for await (const row of readJsonl(file)) {
      const { question, answer } = parseRow(row, rowSchema);
      yield { task: "qa", question, answers: answer };
    }
  },
};
