import { completionReply, quickClock, type SeenRequest, startStubServer, type StubServer } from "@pka/fault-kit";
import { expect, onTestFinished, test } from "vitest";
import { ASK } from "../testing/ask.js";
import { completionsModel } from "./completions-model.js";

/** Serves the model "m", loaded from `root`. */
async function startServer(served: { root: string; max_model_len: number }, port?: number): Promise<StubServer> {
  const answer = ({ path }: SeenRequest) =>
    path === "/v1/models"
      ? { body: { data: [{ id: "m", owned_by: "vllm", ...served }] } }
      : path.startsWith("/v1/")
        ? { body: completionReply("x</think> y") }
        : { status: 404, body: {} };
  const server = await startStubServer(answer, { port });
  onTestFinished(() => server.close());
  return server;
}

const SERVED = { root: "lab/m-7b", max_model_len: 32_768 };

test.each([
  ["the same model", SERVED, undefined],
  ["another context length", { ...SERVED, max_model_len: 8192 }, /another context length: 8192, before 32768/],
  ["other weights", { ...SERVED, root: "lab/m-7b-step100" }, /another weights: lab\/m-7b-step100, before lab\/m-7b\./],
])("a server that was gone comes back with %s", async (_, served, message) => {
  const before = await startServer(SERVED);
  const port = Number(new URL(before.url).port);
  const model = await completionsModel({
    fileName: "m",
    model: "m",
    baseUrls: [before.url],
    renderer: "olmo",
    clock: quickClock,
  });
  onTestFinished(() => model.close!());
  await model.generate({ ...ASK, question: "before" });
  await before.close();
  const waiting = model.generate({ ...ASK, question: "while it was gone" });
  waiting.catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 100));
  const after = await startServer(served, port);
  const questions = () => after.requests.filter(({ method }) => method === "POST");

  if (message === undefined) {
    await expect(waiting).resolves.toMatchObject({ text: "x</think> y" });
    expect(questions()).toHaveLength(1);
  } else {
    await expect(waiting).rejects.toThrow(message);
    await expect(model.generate({ ...ASK, question: "after" })).rejects.toMatchObject({ isFatal: true });
    expect(questions()).toEqual([]);
  }
});
