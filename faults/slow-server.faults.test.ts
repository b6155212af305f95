import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Ask } from "@pka/core";
import { responsesReply } from "@pka/fault-kit";
import { openaiResponsesModel } from "@pka/models";
import { expect, onTestFinished, test } from "vitest";

const ASK: Ask = { task: "qa", question: "?", cues: false, thinking: true, sampling: { temperature: 1, topP: 1 } };
/** The HTTP client gives up after 300 s of its own accord, on headers and between two pieces of a body. */
const SILENCE_MS = 320_000;

/** Answers after `silentMs` without a header, or without a byte in the middle of the body. */
async function slowServer(where: "headers" | "body"): Promise<string> {
  const text = JSON.stringify(responsesReply({ text: "at last" }));
  const server = createServer(async (request, response) => {
    request.resume();
    if (where === "body") {
      response.writeHead(200, { "content-type": "application/json" });
      response.write(text.slice(0, 100));
    }
    await sleep(SILENCE_MS);
    response.end(where === "body" ? text.slice(100) : text);
  });
  // Node's own servers give up sooner than real ones.
  server.requestTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

test("B6 a server that is silent for 320 s before its headers and in the middle of its body", async ({ annotate }) => {
  const answers = await Promise.all(
    (["headers", "body"] as const).map(async (where) => {
      const model = openaiResponsesModel({ fileName: "x", model: "m", baseUrl: await slowServer(where) });
      const completion = await model.generate(ASK);
      await model.close!();
      return completion;
    }),
  );
  for (const answer of answers) expect(answer).toMatchObject({ text: "at last", attempts: 1 });
  await annotate("2 of 2 answered at the first attempt, 0 false timeouts", "figure");
});
