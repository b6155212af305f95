import { onTestFinished } from "vitest";
import { type SeenRequest, startStubServer, type StubReply, type StubServer } from "./stub-server.js";

/** A stub server that stops when the test ends. With a list, each request gets the next reply, and then the last one again. */
export async function serve(
  answer: readonly StubReply[] | ((request: SeenRequest, index: number) => StubReply | Promise<StubReply>),
): Promise<StubServer> {
  const server = await startStubServer(
    typeof answer === "function" ? answer : (_, index) => answer[Math.min(index, answer.length - 1)]!,
  );
  onTestFinished(() => server.close());
  return server;
}
