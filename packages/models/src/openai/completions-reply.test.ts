import { chatReply, completionReply, type StubReply } from "@pka/fault-kit";
import { beforeAll, expect, test } from "vitest";
import { ASK } from "../testing/ask.js";
import { OLMO, R1, setUpModel, transformersServe, vllm } from "../testing/completions-servers.js";

// Loaded on first use, which must not count as time that a server took.
beforeAll(() => import("undici"));

test.each([
  { reply: chatReply({ content: "no", refusal: "I will not" }), finishReason: "refusal" },
  { reply: chatReply({ content: "cut" }, { finishReason: "length" }), finishReason: "length" },
  { reply: chatReply({ content: "" }, { finishReason: "content_filter" }), finishReason: "refusal" },
])("chat: finish reason $finishReason", async ({ reply, finishReason }) => {
  const { model } = await setUpModel(
    vllm("org/m", () => ({ body: reply })),
    { model: "org/m" },
  );
  expect(await model.generate(ASK)).toMatchObject({ finishReason });
});

test.each<{ name: string; bad: StubReply }>([
  { name: "no choice", bad: { body: { ...completionReply(""), choices: [] } } },
  {
    name: "text that is null",
    bad: { body: { ...completionReply(""), choices: [{ index: 0, text: null, finish_reason: "stop" }] } },
  },
  { name: "a request that the server aborted", bad: { body: completionReply("x", { finishReason: "abort" }) } },
  { name: "a connection cut in the reply", bad: { body: completionReply("x"), cut: "in-body" } },
  { name: "a cut JSON text", bad: { body: '{"choices": [{"te' } },
])("$name is tried again", async ({ bad }) => {
  const { model } = await setUpModel(
    vllm(R1, (_, index) => (index === 0 ? bad : { body: completionReply("ok") })),
    {
      model: R1,
      renderer: "r1",
    },
  );
  expect(await model.generate(ASK)).toMatchObject({ text: "ok", attempts: 2 });
});

test("a reply without usage is an answer, with a warning once", async () => {
  const answer = transformersServe(() => ({ body: completionReply("x</think>y", { usage: null }) }));
  const { model, messages } = await setUpModel(answer, { renderer: "olmo" });
  await model.generate(ASK);
  expect(await model.generate(ASK)).toMatchObject({ usage: {}, numTokens: 0 });
  expect(messages.filter((line) => line.includes("num_tokens is 0"))).toHaveLength(1);
});

test("a prompt that does not fit into the context is this question's error alone", async () => {
  const message = "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens";
  const { model } = await setUpModel(
    vllm(OLMO, () => ({ status: 400, body: { message, type: "BadRequestError", code: 400 } })),
    {
      renderer: "olmo",
    },
  );
  await expect(model.generate(ASK)).rejects.toMatchObject({
    kind: "invalid-request",
    isFatal: false,
    attempts: 1,
    message: expect.stringContaining("do not fit into the model's context"),
  });
});
