/** Ask a model that is behind an API of its own: one function from a question to a completion, and honest errors. */
import { mkdtempSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Model, ModelError } from "@pka/core";
import { evaluate } from "@pka/harness";
import { defineModel } from "@pka/models";
import * as z from "zod";

const replySchema = z.object({ reply: z.string(), tokens: z.number().int() });

/** A model behind `POST /ask` `{ question }` → `{ reply, tokens }`. */
function acmeModel(baseUrl: string): Model {
  return defineModel({
    id: "acme:oracle",
    fileName: "acme-oracle",
    thinkingModes: [false],
    settings: { api: "acme" },
    extraction: () => "answer-tags",
    async generate({ question }, { signal } = {}) {
      const response = await fetch(`${baseUrl}/ask`, {
        method: "POST",
        body: JSON.stringify({ question: `${question} Give your final answer in <answer></answer> tags.` }),
        signal: signal ?? null,
      }).catch((cause: unknown) => {
        throw new ModelError(`no answer from ${baseUrl}`, { kind: "connection", cause });
      });
      const { status } = response;
      if (status === 401) throw new ModelError("acme does not accept the key", { kind: "auth", status });
      if (!response.ok) throw new ModelError(`acme answers ${status}`, { kind: "overloaded", status });
      const parsed = replySchema.safeParse(await response.json());
      if (!parsed.success) throw new ModelError("acme's answer cannot be read", { kind: "bad-reply", status });
      const { reply, tokens } = parsed.data;
      return { text: reply, finishReason: "stop", usage: { completionTokens: tokens }, numTokens: tokens, attempts: 1 };
    },
  });
}

// The API, for this example: it knows France, and breaks down over Peru.
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => (body += chunk));
  request.on("end", () => {
    response.statusCode = body.includes("Peru") ? 503 : 200;
    response.end(
      JSON.stringify({ reply: `<answer>${body.includes("France") ? "Paris" : "Rome?"}</answer>`, tokens: 5 }),
    );
  });
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

const capitals = { France: "Paris", Spain: "Madrid", Peru: "Lima" };
const { summary } = await evaluate({
  dataset: {
    name: "capitals",
    split: "test",
    examples: Object.entries(capitals).map(([country, capital], index) => ({
      task: "qa",
      id: `capitals/${index}`,
      hash: country,
      question: `What is the capital of ${country}?`,
      answers: [capital],
    })),
    fingerprint: { source: "this file", revision: null, sha256: "", numRows: 3 },
  },
  model: acmeModel(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
  cues: false,
  thinking: false,
  sampling: { temperature: 0, topP: 1 },
  outputDir: mkdtempSync(join(tmpdir(), "capitals-")),
});
console.log(summary.outcomes.answered, "answered,", summary.outcomes.error, "failed");
const { successes, rateOfCompleted, bounds } = summary.metrics.recall!;
console.log(successes, "right, of those answered:", rateOfCompleted, "with the failed one wrong or right:", bounds);
server.close();
