import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";

/** A server on this computer that answers `question n` with `answer n` after some milliseconds, and counts. */
export async function answerServer(latencyMs: (question: string) => number): Promise<{
  readonly url: string;
  /** How often each question was asked. */
  readonly asked: Map<string, number>;
}> {
  const asked = new Map<string, number>();
  const server = createServer((request, response) => {
    void text(request).then(async (question) => {
      asked.set(question, (asked.get(question) ?? 0) + 1);
      await sleep(latencyMs(question));
      response.end(`<answer>${question.replace("question", "answer")}</answer>`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return { url: `http://127.0.0.1:${address.port}/`, asked };
}
