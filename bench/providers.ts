/**
 * What the providers of @pka/models add to a request: questions per second against a server in another process that answers at once.
 * node --conditions=@pka/source --import tsx bench/providers.ts
 */
import type { Ask, Model } from "@pka/core";
import { inParallel } from "@pka/fault-kit";
import { completionsModel, openaiResponsesModel } from "@pka/models";
import { startInstantServer } from "./instant-server.js";

const NUM_QUESTIONS = 3000;
const ASK: Ask = { task: "qa", question: "?", cues: false, thinking: false, sampling: { temperature: 1, topP: 1 } };

await measure();

async function measure(): Promise<void> {
  const server = await startInstantServer();
  const { url } = server;
  const models: Record<string, () => Promise<Model>> = {
    "completions (vllm:…)": () =>
      completionsModel({ fileName: "x", model: "m", renderer: "r1", baseUrls: [url], maxConcurrency: 128 }),
    "responses (openai:…)": async () =>
      openaiResponsesModel({ fileName: "x", model: "m", baseUrl: url, apiKey: "k", maxConcurrency: 128 }),
  };
  for (const [name, open] of Object.entries(models)) {
    const model = await open();
    const thinking = model.thinkingModes[0]!;
    const ask = () => model.generate({ ...ASK, thinking });
    await inParallel(500, 16, ask);
    for (const concurrency of [1, 16, 128]) {
      const start = performance.now();
      await inParallel(NUM_QUESTIONS, concurrency, ask);
      const perSecond = (NUM_QUESTIONS / (performance.now() - start)) * 1000;
      console.log(
        `${name}, ${concurrency} at a time: ${perSecond.toFixed(0)} questions/s, ${(1000 / perSecond).toFixed(3)} ms each`,
      );
    }
    await model.close!();
  }
  server.close();
}
