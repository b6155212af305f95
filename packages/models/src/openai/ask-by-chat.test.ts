import { chatReply } from "@pka/fault-kit";
import { beforeAll, expect, test } from "vitest";
import { ASK } from "../testing/ask.js";
import { setUpModel, transformersServe, vllm } from "../testing/completions-servers.js";

// Loaded on first use, which must not count as time that a server took.
beforeAll(() => import("undici"));

test("chat: messages, every sampling field on vLLM, thinking from the reply", async () => {
  const reply = chatReply({ content: "<answer>Shakespeare</answer>", reasoning: "Easy." });
  const { model, posts } = await setUpModel(
    vllm("org/m", () => ({ body: reply })),
    { model: "org/m" },
  );
  expect(await model.generate({ ...ASK, cues: true })).toMatchObject({
    text: "<think>Easy.</think><answer>Shakespeare</answer>",
    thinking: "Easy.",
    answer: "<answer>Shakespeare</answer>",
    numTokens: 7,
  });
  expect(posts()[0]).toMatchObject({
    path: "/v1/chat/completions",
    body: {
      model: "org/m",
      messages: [
        {
          role: "system",
          content:
            "You will be given a question. Think step-by-step and give your final answer in <answer></answer> tags.",
        },
        { role: "user", content: "Who wrote Hamlet?" },
      ],
      max_tokens: 4096,
      top_k: -1,
      min_p: 0,
      repetition_penalty: 1,
    },
  });
  expect(posts()[0]!.body).not.toHaveProperty("chat_template_kwargs");
  await model.generate({ ...ASK, thinking: false });
  expect(posts()[1]!.body.chat_template_kwargs).toEqual({ enable_thinking: false });
});

test.each([
  {
    name: "an older server's reasoning_content",
    message: { content: "y", reasoning_content: "x" },
    thinking: "x",
    answer: "y",
  },
  { name: "thinking left in the text", message: { content: "<think>x</think>y" }, thinking: "x", answer: "y" },
  {
    name: "thinking whose opening tag was in the prompt",
    message: { content: "x</think>y" },
    thinking: "x",
    answer: "y",
  },
  { name: "thinking that never ended", message: { content: "<think>x" }, thinking: "x", answer: "" },
  {
    name: "thinking that never ended, taken out",
    message: { content: null, reasoning: "x" },
    thinking: "x",
    answer: "",
  },
  { name: "no thinking at all", message: { content: "y" }, thinking: undefined, answer: undefined },
])("chat: $name", async ({ message, thinking, answer }) => {
  const { model } = await setUpModel(
    vllm("org/m", () => ({ body: chatReply(message) })),
    { model: "org/m" },
  );
  const completion = await model.generate(ASK);
  expect(completion.thinking).toBe(thinking);
  expect(completion.answer).toBe(answer);
});

test("chat on another server: standard fields, and thinking cannot be switched off", async () => {
  const answer = transformersServe(() => ({ body: chatReply({ content: "y" }) }));
  const { model, posts } = await setUpModel(answer, { model: "org/m" });
  await model.generate(ASK);
  expect(Object.keys(posts()[0]!.body)).toEqual(["model", "messages", "max_tokens", "temperature", "top_p", "stream"]);
  expect(model.thinkingModes).toEqual([true]);
  await expect(model.generate({ ...ASK, thinking: false })).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining("use --thinking yes"),
  });
});
