import { z } from "zod";
import type { Dataset } from "../dataset.js";
import { nonBlank, parseRow } from "../parse-row.js";
import { readJsonArray } from "../read/read-json-array.js";

const COMMIT = "1ba1e97452e189569357876f2854b01357ffbe37";
const rowSchema = z.object({ question: nonBlank, answer: z.boolean() });

/** StrategyQA, whose yes and no are the accepted answers "true" and "false". One question stands twice. */
export const strategyqa: Dataset = {
  name: "strategyqa",
  task: "qa",
  title: "StrategyQA",
  defaultSplit: "train",
  splits: ["train"],
  rows: { train: 2_061 },
  goldField: "answer",
  source: "github.com/eladsegal/strategyqa, data/strategyqa/train.json",
  async *read(_split, sources) {
    const file = await sources.webFile({
      path: "StrategyQA/strategyqa_train.json",
      url: `https://raw.githubusercontent.com/eladsegal/strategyqa/${COMMIT}/data/strategyqa/train.json`,
      sha256: "0f72560b8a6fad3db847d2f1a7524fb087297843bb45a8d3245ffd68cbe0de12",
      revision: COMMIT,
    });
    for await (const row of readJsonArray(file)) {
      const { question, answer } = parseRow(row, rowSchema);
      yield { task: "qa", question, answers: [String(answer)] };
    }
  },
};
