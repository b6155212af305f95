/** Reinforce what you want: the paper's reward less a price per word of thought, on the embedded model. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine, smallWorld } from "@pka/engine";
import { tinyRenderer } from "@pka/renderers";
import { RL_DEFAULTS, type RlEnv, trainRl, triviaEnv } from "@pka/train-rl";
import { openRunFolder } from "@pka/training";

const paper = triviaEnv({ instruction: "" });
const brief: RlEnv = {
  messages: (problem) => paper.messages(problem),
  judge(response, problem) {
    const judged = paper.judge(response, problem);
    const [thought = ""] = response.text.split("</think>");
    const words = thought.split(/\s+/).filter(Boolean).length;
    return { ...judged, reward: judged.reward - 0.05 * words, metrics: { ...judged.metrics, words } };
  },
};

const engine = await openEngine("tiny");
const questions = smallWorld().questions.filter(({ split, hops }) => split === "rl" && hops === 2);
const run = await openRunFolder({
  path: mkdtempSync(join(tmpdir(), "brief-")),
  config: {},
  stepOf: ({ batch }) => batch,
});
const config = {
  ...RL_DEFAULTS,
  groupsPerBatch: 16,
  learningRate: 2e-3,
  maxTokens: 32,
  klPenaltyCoef: 0,
  evalEvery: 0,
  seed: 0,
};
const words: number[] = [];
for await (const { metrics } of trainRl({
  trainingClient: await engine.trainingClient({ directory: run.path }),
  renderer: tinyRenderer(engine.tokenizer),
  env: brief,
  run,
  problems: questions,
  config: { ...config, numEpochs: 2 },
})) {
  words.push(metrics["env/all/words"]!);
}
await run.close();
await engine.close();
console.log(
  `words of thought: ${words[0]!.toFixed(1)} in the first step, ${words.at(-1)!.toFixed(1)} in step ${words.length}`,
);
