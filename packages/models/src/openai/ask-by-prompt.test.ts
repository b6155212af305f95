import { chatReply, completionReply } from "@pka/fault-kit";
import { beforeAll, expect, test } from "vitest";
import { ASK } from "../testing/ask.js";
import { OLMO, R1, setUpModel, transformersServe, vllm } from "../testing/completions-servers.js";

// Loaded on first use, which must not count as time that a server took.
beforeAll(() => import("undici"));

test("vLLM gets the rendered prompt and every sampling field", async () => {
  const reply = completionReply(" Easy.</think><answer>Shakespeare</answer>");
  const { model, posts } = await setUpModel(
    vllm(OLMO, () => ({ body: reply })),
    { renderer: "olmo" },
  );
  const completion = await model.generate({ ...ASK, seed: 11 });
  expect(posts()).toHaveLength(1);
  expect(posts()[0]).toMatchObject({ method: "POST", path: "/v1/completions" });
  expect(posts()[0]!.body).toEqual({
    model: OLMO,
    prompt:
      "<|im_start|>system\nYou will be given a question. Give your final answer in <answer></answer> tags." +
      " You do not currently have access to any functions. <functions></functions><|im_end|>\n" +
      "<|im_start|>user\nWho wrote Hamlet?<|im_end|>\n<|im_start|>assistant\n<think>",
    max_tokens: 7000,
    temperature: 0.6,
    top_p: 0.95,
    top_k: -1,
    min_p: 0,
    repetition_penalty: 1,
    presence_penalty: 0,
    frequency_penalty: 0,
    n: 1,
    seed: 11,
    stream: false,
    add_special_tokens: true,
  });
  expect(completion).toEqual({
    text: " Easy.</think><answer>Shakespeare</answer>",
    thinking: " Easy.",
    answer: "<answer>Shakespeare</answer>",
    finishReason: "stop",
    usage: { promptTokens: 25, completionTokens: 7, totalTokens: 32 },
    numTokens: 7,
    providerModel: "served-model",
    attempts: 1,
  });
});

test("another server gets standard fields only, and a warning says what is not pinned", async () => {
  const answer = transformersServe(() => ({ body: completionReply("x</think>y") }));
  const { model, posts, messages, server } = await setUpModel(answer, { renderer: "olmo" });
  await model.generate(ASK);
  const { prompt, ...fields } = posts()[0]!.body;
  expect(prompt).toContain("Who wrote Hamlet?");
  expect(fields).toEqual({ model: OLMO, max_tokens: 7000, temperature: 0.6, top_p: 0.95, stream: false });
  expect(model.settings["server"]).toBe("openai-compatible");
  expect(messages).toEqual([
    `warn ${server.url} is not vLLM: top_k, min_p and the penalties stay as the server has them, and special tokens too`,
  ]);
});

test.each([
  { task: "qa" as const, closing: "\n</think>\n<answer>" },
  { task: "math" as const, closing: "\n</think>\n" },
])("Olmo that thinks on and on is made to answer ($task)", async ({ task, closing }) => {
  const replies = [completionReply("So long", { finishReason: "length" }), completionReply("42</answer>")];
  const { model, posts } = await setUpModel(
    vllm(OLMO, (_, index) => ({ body: replies[index]! })),
    { renderer: "olmo" },
  );
  const completion = await model.generate({ ...ASK, task });
  const [first, second] = posts().map(({ body }) => body);
  expect(first.max_tokens).toBe(7000);
  expect(second).toEqual({ ...first, prompt: `${first.prompt}So long${closing}`, max_tokens: 1028 });
  expect(completion).toMatchObject({
    text: `So long${closing}42</answer>`,
    thinking: "So long\n",
    finishReason: "stop",
    usage: { promptTokens: 50, completionTokens: 14, totalTokens: 64 },
    numTokens: 14,
    attempts: 2,
  });
});

test("Olmo's second pass is for open thinking only: not in capitals, not without thinking", async () => {
  const { model, posts } = await setUpModel(
    vllm(OLMO, () => ({ body: completionReply("x</THINK>y") })),
    { renderer: "olmo" },
  );
  await model.generate(ASK);
  await model.generate({ ...ASK, thinking: false });
  expect(posts().map(({ body }) => body.max_tokens)).toEqual([7000, 4096]);
});

test.each([
  {
    task: "qa" as const,
    thinking: true,
    prompt: "<｜begin▁of▁sentence｜><｜User｜>Q\nI<｜Assistant｜><think>\n",
    extraction: "answer-tags",
  },
  { task: "qa" as const, thinking: false, prompt: "Q\nI<think>\n\n</think>\n<answer>", extraction: "before-close-tag" },
  {
    task: "math" as const,
    thinking: true,
    prompt: "<｜begin▁of▁sentence｜><｜User｜>Q\nI<｜Assistant｜><think>\n",
    extraction: "answer-tags",
  },
  { task: "math" as const, thinking: false, prompt: "Q\nI<think>\n\n</think>", extraction: "answer-tags" },
])(
  "R1, $task, thinking $thinking: the paper's prompt, 4096 tokens, one pass",
  async ({ task, thinking, prompt, extraction }) => {
    const instruction =
      task === "qa" ? "Give your final answer in <answer></answer> tags." : "Give your final answer in \\boxed{}.";
    const reply = completionReply("never closed", { finishReason: "length" });
    const { model, posts } = await setUpModel(
      vllm(R1, () => ({ body: reply })),
      { model: R1, renderer: "r1" },
    );
    const completion = await model.generate({ ...ASK, task, thinking, question: "Q" });
    expect(posts()).toHaveLength(1);
    expect(posts()[0]!.body).toMatchObject({ prompt: prompt.replace("I", instruction), max_tokens: 4096 });
    expect(completion).toMatchObject({
      text: "never closed",
      finishReason: "length",
      answer: thinking ? "" : "never closed",
    });
    expect(model.extraction({ task, thinking })).toBe(extraction);
  },
);

test("says with how many BOS tokens R1's prompts begin", async () => {
  const { messages, server } = await setUpModel(
    vllm(R1, () => ({})),
    { model: R1, renderer: "r1" },
  );
  expect(messages).toEqual(["info R1's thinking prompts begin with 2 BOS tokens, as in the paper's runs"]);
  expect(server.requests.find(({ path }) => path === "/tokenize")!.body).toMatchObject({
    model: R1,
    add_special_tokens: true,
  });
});

test.each([
  { renderer: "chat" as const, expected: { messages: [{ role: "user", content: "Refine this" }] } },
  { renderer: "r1" as const, expected: { prompt: "Refine this<think>\n\n</think>" } },
])("$renderer: a whole prompt is one user message, without an open answer tag", async ({ renderer, expected }) => {
  const reply = { ...completionReply("Paris"), ...(renderer === "chat" && chatReply({ content: "Paris" })) };
  const { model, posts } = await setUpModel(
    vllm(R1, () => ({ body: reply })),
    { model: R1, renderer },
  );
  await model.generate({ ...ASK, task: "prompt", question: "Refine this", thinking: false });
  expect(posts()[0]!.body).toMatchObject(expected);
});
