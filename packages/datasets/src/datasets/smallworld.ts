import { smallWorld } from "@pka/engine/small-world";
import type { Dataset } from "../dataset.js";

/** Questions about the invented world that the embedded engine's models know. `test` holds the people no training asked about. */
export const smallworld: Dataset = {
  name: "smallworld",
  task: "qa",
  title: "Small world (invented)",
  defaultSplit: "test",
  splits: ["sft", "rl", "test"],
  rows: { sft: 256, rl: 192, test: 192 },
  goldField: "answers",
  source: "made by @pka/engine, nothing is read",
  async *read(split, sources) {
    const { seed, questions } = smallWorld();
    sources.generated(`small world, seed ${seed}`);
    for (const row of questions) {
      if (row.split === split) yield { task: "qa", question: row.question, answers: row.answers };
    }
  },
};
