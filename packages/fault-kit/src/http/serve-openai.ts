import { onTestFinished } from "vitest";
import { type OpenaiStub, type OpenaiStubOptions, startOpenaiStub } from "./openai-stub.js";

/** A stub of OpenAI's server that stops when the test ends. Its model is `stub` where no other is named. */
export async function serveOpenai(options: Partial<OpenaiStubOptions> = {}): Promise<OpenaiStub> {
  const server = await startOpenaiStub({ model: "stub", ...options });
  onTestFinished(() => server.close());
  return server;
}
