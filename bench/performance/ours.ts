// One measurement of ours in a process of its own, as one line of JSON; `table.ts` asks for them.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { freshCheckpoint, openEngine } from "@pka/engine";
import { extractAnswer, gradeAnswer } from "@pka/grading";
import { bootstrapDifference } from "@pka/stats";
import { leastCpuSeconds } from "../least.js";

const TASKS: Readonly<Record<string, (...args: string[]) => Promise<object>>> = {
  grading: async (file) => {
    const results = readResults(file);
    const seconds = await leastCpuSeconds(30, () => {
      for (const row of results) gradeAnswer(extractAnswer(row.raw_prediction), row.ground_truth);
    });
    return { seconds, rows: results.length };
  },

  bootstrap: async (pairs, firstOnly, secondOnly, resamples) => {
    const [first, second] = [Number(firstOnly), Number(secondOnly)];
    const differences = Array.from({ length: Number(pairs) }, (_, i) => (i < first ? 1 : i < first + second ? -1 : 0));
    return {
      seconds: await leastCpuSeconds(15, () => bootstrapDifference(differences, { resamples: Number(resamples) })),
    };
  },

  "training-step": async (hiddenSize, numLayers, numHeads, feedForwardSize, vocabSize, batch, length) => {
    const sizes = { hiddenSize, numLayers, numHeads, feedForwardSize };
    const shape = Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, Number(size)]));
    const checkpoint = vocabularyOf(Number(vocabSize), { ...shape, contextLength: 2048 } as Shape);
    const engine = await openEngine(checkpoint, { worker: false });
    const client = await engine.trainingClient();
    const datums = Array.from({ length: Number(batch) }, (_, i) => {
      const ids = Array.from({ length: Number(length) + 1 }, (__, t) => (i * 131 + t * 37) % Number(vocabSize));
      return { tokens: ids.slice(0, -1), targetTokens: ids.slice(1) };
    });
    const seconds = await leastCpuSeconds(40, async () => {
      await client.forwardBackward(datums, "cross_entropy");
      await client.optimStep({ learningRate: 1e-4 });
    });
    await engine.close();
    return { seconds };
  },
};

type Shape = Parameters<typeof freshCheckpoint>[1];

const [task, ...args] = process.argv.slice(2);
console.log(JSON.stringify(await TASKS[task!]!(...args)));

/** A fresh model of exactly so many tokens. */
function vocabularyOf(size: number, shape: Shape): ReturnType<typeof freshCheckpoint> {
  const own = freshCheckpoint([], shape, 0).config.vocabSize;
  return freshCheckpoint(
    Array.from({ length: size - own }, (_, i) => ` w${i}`),
    shape,
    0,
  );
}

function readResults(file: string): { raw_prediction: string; ground_truth: string[] }[] {
  return JSON.parse(gunzipSync(readFileSync(file)).toString()).results;
}
