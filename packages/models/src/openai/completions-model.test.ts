import type { Ask } from "@pka/core";
import {
  chatReply,
  completionReply,
  errorReply,
  quickClock,
  type SeenRequest,
  serve,
  type StubReply,
  vllmModels,
} from "@pka/fault-kit";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { completionsModel, type CompletionsOptions } from "./completions-model.js";

const ASK: Ask = {
  task: "qa",
  question: "Who wrote Hamlet?",
  cues: false,
  thinking: true,
  sampling: { temperature: 0.6, topP: 0.95 },
};
const OLMO = "allenai/Olmo-3-7B-Think";
const R1 = "deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B";
const NOT_FOUND = { status: 404, body: { detail: "Not Found" } };

const ANSWERED = () => ({ body: completionReply("x</think>") });

// Loaded on first use, which must not count as time that a server took.
beforeAll(() => import("undici"));

type Answer = (request: SeenRequest, index: number) => StubReply;

/** vLLM: a model list that names its owner, GET /version, POST /tokenize. */
const vllm = (model: string, answer: Answer, maxModelLen?: number): Answer => {
  let numAsked = 0;
  return (request) => {
    if (request.path === "/v1/models") return { body: vllmModels(model, maxModelLen) };
    if (request.path === "/version") return { body: { version: "0.12.0" } };
    if (request.path === "/tokenize") return { body: { count: 4, max_model_len: 32_768, tokens: [7, 7, 8, 9] } };
    if (request.method === "GET") return NOT_FOUND;
    return answer(request, numAsked++);
  };
};

/** `transformers serve`: an empty model list, no /version, and 422 for a field that OpenAI does not have. */
const STANDARD = new Set(["model", "prompt", "messages", "max_tokens", "temperature", "top_p", "seed", "stream"]);
const transformersServe =
  (answer: Answer): Answer =>
  (request, index) => {
    if (request.path === "/v1/models") return { body: { object: "list", data: [] } };
    if (request.method === "GET") return NOT_FOUND;
    const unexpected = Object.keys(request.body).filter((key) => !STANDARD.has(key));
    if (unexpected.length > 0)
      return { status: 422, body: { detail: `Unexpected fields in the request: ${unexpected.join(", ")}` } };
    return answer(request, index);
  };

async function setUp(answer: Answer, options: Partial<CompletionsOptions> = {}) {
  const server = await serve(answer);
  const messages: string[] = [];
  const logger = {
    info: (text: string) => messages.push(`info ${text}`),
    warn: (text: string) => messages.push(`warn ${text}`),
  };
  const create = () =>
    completionsModel({ fileName: "x", model: OLMO, baseUrls: [server.url], clock: quickClock, logger, ...options });
  return { server, messages, create };
}

async function setUpModel(answer: Answer, options: Partial<CompletionsOptions> = {}) {
  const { create, ...rest } = await setUp(answer, options);
  const model = await create();
  onTestFinished(() => model.close!());
  return {
    ...rest,
    model,
    posts: () => rest.server.requests.filter(({ path }) => path.startsWith("/v1/") && path !== "/v1/models"),
  };
}

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

test("a server whose context cannot even hold the answer is refused before a question is sent", async () => {
  const { model, posts } = await setUpModel(
    vllm(OLMO, () => ({ body: completionReply("x") }), 4096),
    { renderer: "olmo" },
  );
  await expect(model.generate(ASK)).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining(
      "holds 4096 tokens of question and answer together, but the answer alone may take 7000",
    ),
  });
  expect(posts()).toHaveLength(0);
});

test("maxTokens replaces the paper's limits and is part of the settings", async () => {
  const { model, posts } = await setUpModel(vllm(OLMO, ANSWERED, 4096), {
    renderer: "olmo",
    maxTokens: 64,
  });
  await model.generate(ASK);
  expect(posts()[0]!.body.max_tokens).toBe(64);
  expect(model.settings).toMatchObject({ maxTokensThinking: 64, maxTokensNoThinking: 64, maxTokensForced: 1028 });
});

test("several servers share the questions, each under its own name for the model", async () => {
  const second = await serve(vllm("/models/Olmo-3-7B-Think", ANSWERED));
  const first = await serve(vllm(OLMO, ANSWERED));
  const model = await completionsModel({
    fileName: "x",
    model: OLMO,
    renderer: "olmo",
    baseUrls: [first.url, second.url],
  });
  onTestFinished(() => model.close!());
  await Promise.all(Array.from({ length: 20 }, () => model.generate(ASK)));
  const asked = [first, second].map(({ requests }) => requests.filter(({ method }) => method === "POST"));
  expect(asked.map((requests) => requests.length).every((count) => count >= 5 && count <= 15)).toBe(true);
  expect(asked.map(([request]) => request!.body.model)).toEqual([OLMO, "/models/Olmo-3-7B-Think"]);
});

test("servers of different kinds are not mixed", async () => {
  const other = await serve(transformersServe(() => ({})));
  const { create, server } = await setUp(vllm(OLMO, () => ({})));
  const model = completionsModel({ fileName: "x", model: OLMO, baseUrls: [server.url, other.url] });
  await expect(model).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining(`${other.url} (openai-compatible)`),
  });
  await expect(create()).resolves.toBeDefined();
});

test("a model that is not served: names what is", async () => {
  const { create } = await setUp(vllm("Qwen/Qwen3-8B", () => ({})));
  await expect(create()).rejects.toMatchObject({
    kind: "not-found",
    message: expect.stringContaining(`does not serve ${OLMO}, but Qwen/Qwen3-8B: start one with "vllm serve ${OLMO}"`),
  });
});

test("no server: says where, and how to start one", async () => {
  const { create, server } = await setUp(() => NOT_FOUND);
  await server.close();
  await expect(create()).rejects.toMatchObject({
    kind: "connection",
    message: `no server answers at ${server.url} (connection refused): start one with "vllm serve ${OLMO}", or change the base URL`,
  });
});

test.each([
  { name: "404", reply: NOT_FOUND, kind: "not-found", says: "no OpenAI-compatible API there" },
  { name: "a web page", reply: { body: "<html></html>" }, kind: "not-found", says: "answered with a web page" },
  {
    name: "401",
    reply: { status: 401, body: { error: "Unauthorized" } },
    kind: "auth",
    says: "It needs an API key: set VLLM_API_KEY",
  },
  {
    name: "503 while it loads",
    reply: { status: 503, body: errorReply("Loading model") },
    kind: "overloaded",
    says: "Loading model",
  },
])("a server that answers $name to the first question about itself: $kind", async ({ reply, kind, says }) => {
  const { create } = await setUp(() => reply, { keyHint: "set VLLM_API_KEY" });
  await expect(create()).rejects.toMatchObject({ kind, message: expect.stringContaining(says) });
});

test("a server whose model list is broken is taken as it is", async () => {
  const { model } = await setUpModel(
    ({ path, method }) => {
      if (path === "/v1/models") return { status: 500, body: "Internal Server Error" };
      return method === "GET" ? NOT_FOUND : ANSWERED();
    },
    { renderer: "olmo" },
  );
  expect(await model.generate(ASK)).toMatchObject({ attempts: 1 });
});

test("a vLLM that does not know a field we send is refused, because it would ignore it", async () => {
  const known = [
    "max_tokens",
    "temperature",
    "top_p",
    "seed",
    "stream",
    "n",
    "presence_penalty",
    "frequency_penalty",
    "top_k",
  ];
  const properties = Object.fromEntries(known.map((name) => [name, {}]));
  const answer = vllm(OLMO, () => ({}));
  const { create } = await setUp(
    (request, index) =>
      request.path === "/openapi.json"
        ? { body: { components: { schemas: { CompletionRequest: { properties } } } } }
        : answer(request, index),
    { renderer: "olmo" },
  );
  await expect(create()).rejects.toThrow(
    "does not know repetition_penalty, min_p, add_special_tokens and would ignore it",
  );
});

test("creation can be cancelled", async () => {
  const controller = new AbortController();
  const reason = new Error("stopped by the user");
  const { create } = await setUp(
    () => {
      controller.abort(reason);
      return { hang: true };
    },
    { signal: controller.signal },
  );
  await expect(create()).rejects.toBe(reason);
});

test("the key is sent, and nothing without one", async () => {
  const withKey = await setUpModel(vllm(OLMO, ANSWERED), { renderer: "olmo", apiKey: "k-1" });
  await withKey.model.generate(ASK);
  expect(withKey.server.requests.map(({ headers }) => headers.authorization)).toEqual(
    withKey.server.requests.map(() => "Bearer k-1"),
  );
  const without = await setUpModel(vllm(OLMO, () => ({})));
  for (const { headers } of without.server.requests) expect(headers).not.toHaveProperty("authorization");
});
