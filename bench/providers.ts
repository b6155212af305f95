/**
 * What the providers of @pka/models add to a request: questions per second against a server in another process that answers at once.
 * node --conditions=@pka/source --import tsx bench/providers.ts
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Ask, Model } from "@pka/core";
import { completionsModel, openaiResponsesModel } from "@pka/models";

const NUM_QUESTIONS = 3000;
const ASK: Ask = { task: "qa", question: "?", cues: false, thinking: false, sampling: { temperature: 1, topP: 1 } };

if (process.argv[2] === "server") await serve();
else await measure();

async function measure(): Promise<void> {
  const server = fork(fileURLToPath(import.meta.url), ["server"], { execArgv: process.execArgv });
  const [port] = (await once(server, "message")) as [number];
  const url = `http://127.0.0.1:${port}/v1`;
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
  server.kill();
}

async function inParallel(total: number, concurrency: number, work: () => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < total) {
      next += 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

/** Answers both APIs at once; ends with its parent. */
async function serve(): Promise<void> {
  const { createServer } = await import("node:http");
  const { completionReply, responsesReply, vllmModels } = await import("@pka/fault-kit");
  const answers = new Map<string | undefined, string>([
    ["/v1/models", JSON.stringify(vllmModels("m"))],
    ["/v1/completions", JSON.stringify(completionReply("x"))],
    ["/v1/responses", JSON.stringify(responsesReply({ text: "x" }))],
  ]);
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      const body = answers.get(request.url);
      response.writeHead(body === undefined ? 404 : 200, { "content-type": "application/json" });
      response.end(body);
    });
  });
  process.on("disconnect", () => process.exit());
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    process.send!(typeof address === "object" ? address?.port : undefined);
  });
}
