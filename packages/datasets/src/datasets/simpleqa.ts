import { z } from "zod";
import type { Dataset } from "../dataset.js";
import { nonBlank, parseRow } from "../parse-row.js";
import { readCsv } from "../read/read-csv.js";

const rowSchema = z.object({ problem: nonBlank, answer: nonBlank });

/** SimpleQA. One accepted answer per question. */
export const simpleqa: Dataset = {
  name: "simpleqa",
  task: "qa",
  title: "SimpleQA",
  defaultSplit: "test",
  splits: ["test"],
  rows: { test: 4_326 },
  goldField: "answer",
  source: "openaipublic.blob.core.windows.net, simple-evals/simple_qa_test_set.csv",
  async *read(_split, sources) {
    const file = await sources.webFile({
      path: "SimpleQA/simple_qa_test_set.csv",
      url: "https://openaipublic.blob.core.windows.net/simple-evals/simple_qa_test_set.csv",
      revision: null,
    });
    for await (const row of readCsv(file, ["problem", "answer"])) {
      const { problem, answer } = parseRow(row, rowSchema);
      yield { task: "qa", question: problem, answers: [answer] };
    }
  },
};
