import type { Ask, ModelErrorKind } from "@pka/core";
import { errorReply, quickClock, responsesReply, type SeenRequest, serve, type StubReply } from "@pka/fault-kit";
import { beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { openaiResponsesModel, type OpenAIResponsesOptions } from "./openai-responses-model.js";

const ASK: Ask = {
  task: "qa",
  question: "Who wrote Hamlet?",
  cues: false,
  thinking: true,
  sampling: { temperature: 0.6, topP: 0.95 },
};
const KEY = "sk-test-0123456789";

// Loaded on first use, which must not count as time that a server took.
beforeAll(async () => {
  await import("undici");
});

async function setUp(
  answer: readonly StubReply[] | ((request: SeenRequest, index: number) => StubReply | Promise<StubReply>),
  options: Partial<OpenAIResponsesOptions> = {},
) {
  const server = await serve(answer);
  const model = openaiResponsesModel({
    fileName: "gpt52",
    model: "gpt-5.2",
    apiKey: KEY,
    baseUrl: server.url,
    keyHint: "set OPENAI_API_KEY",
    clock: quickClock,
    ...options,
  });
  onTestFinished(() => model.close!());
  return { server, model };
}

test("asks as the paper does: one user message, effort medium, no sampling field, no limit", async () => {
  const { server, model } = await setUp([{ body: responsesReply({ text: "x" }) }]);
  await model.generate({ ...ASK, cues: true, seed: 7 });
  const [request] = server.requests;
  expect(request).toMatchObject({ method: "POST", path: "/v1/responses" });
  expect(request!.headers.authorization).toBe(`Bearer ${KEY}`);
  expect(request!.body).toEqual({
    model: "gpt-5.2",
    reasoning: { effort: "medium" },
    input: [
      {
        role: "user",
        content:
          "You will be given a question. Think step-by-step and give your final answer in <answer></answer> tags. Who wrote Hamlet?",
      },
    ],
    stream: false,
  });
});

test("a whole prompt goes out as it stands", async () => {
  const { server, model } = await setUp([{ body: responsesReply({ text: "Paris" }) }]);
  await model.generate({ ...ASK, task: "prompt", question: "Refine this: Paris or Rome" });
  expect(server.requests[0]!.body.input).toEqual([{ role: "user", content: "Refine this: Paris or Rome" }]);
});

test("a normal reply: text, usage, total tokens as num_tokens, ids", async () => {
  const body = responsesReply({ text: "<answer>Shakespeare</answer>" });
  const { model } = await setUp([{ body, headers: { "x-request-id": "req_1" } }]);
  expect(await model.generate(ASK)).toEqual({
    text: "<answer>Shakespeare</answer>",
    finishReason: "stop",
    usage: { cachedPromptTokens: 0, promptTokens: 30, completionTokens: 20, reasoningTokens: 12, totalTokens: 50 },
    numTokens: 50,
    providerModel: "gpt-5.2-2025-12-11",
    requestId: "req_1",
    attempts: 1,
  });
});

test.each([
  {
    name: "a refusal",
    reply: responsesReply({ refusal: "I cannot help with that." }),
    text: "I cannot help with that.",
    finishReason: "refusal",
  },
  {
    name: "cut at the token limit",
    reply: responsesReply({ text: "The ans", status: "incomplete", incompleteReason: "max_output_tokens" }),
    text: "The ans",
    finishReason: "length",
  },
  {
    name: "stopped by the content filter",
    reply: responsesReply({ text: "", status: "incomplete", incompleteReason: "content_filter" }),
    text: "",
    finishReason: "refusal",
  },
  { name: "no text though tokens were used", reply: responsesReply(), text: "", finishReason: "stop" },
])("$name -> $finishReason", async ({ reply, text, finishReason }) => {
  const { server, model } = await setUp([{ body: reply }]);
  expect(await model.generate(ASK)).toMatchObject({ text, finishReason, numTokens: 50, attempts: 1 });
  expect(server.requests).toHaveLength(1);
});

test("a reply without usage is an answer, with a warning once", async () => {
  const warnings: string[] = [];
  const logger = { info() {}, warn: (message: string) => warnings.push(message) };
  const { server, model } = await setUp([{ body: responsesReply({ text: "yes", usage: null }) }], { logger });
  await model.generate(ASK);
  expect(await model.generate(ASK)).toMatchObject({ text: "yes", usage: {}, numTokens: 0 });
  expect(warnings).toEqual([`${server.url} does not say how many tokens were used: num_tokens is 0`]);
});

const GOOD = { body: responsesReply({ text: "ok" }) };
const EMPTY = { body: responsesReply({ usage: { input: 0, output: 0, reasoning: 0 } }) };

test.each<{ name: string; bad: StubReply }>([
  {
    name: "429 with Retry-After",
    bad: { status: 429, headers: { "retry-after": "2" }, body: errorReply("slow down", "rate_limit_exceeded") },
  },
  { name: "500", bad: { status: 500, body: errorReply("oops", null, "server_error") } },
  { name: "502 with a web page", bad: { status: 502, body: "<html>Bad gateway</html>" } },
  { name: "503 with nothing", bad: { status: 503 } },
  { name: "a connection cut before the reply", bad: { cut: "at-once" } },
  { name: "a connection cut in the reply", bad: { ...GOOD, cut: "in-body" } },
  { name: "malformed JSON", bad: { body: '{"id": "resp_1", "outp', headers: { "content-type": "application/json" } } },
  { name: "JSON of another shape", bad: { body: { hello: "world" } } },
  { name: "a reply of no text and no tokens", bad: EMPTY },
  {
    name: "a failed response",
    bad: { body: responsesReply({ status: "failed", error: { code: "server_error", message: "sorry" } }) },
  },
])("$name is tried again", async ({ bad }) => {
  const { server, model } = await setUp([bad, GOOD]);
  expect(await model.generate(ASK)).toMatchObject({ text: "ok", attempts: 2 });
  expect(server.requests).toHaveLength(2);
  expect(server.requests[1]!.body).toEqual(server.requests[0]!.body);
});

test("waits at least as long as Retry-After says", async () => {
  const times: number[] = [];
  const { model } = await setUp((_, index) => {
    times.push(quickClock.now());
    return index === 0 ? { status: 429, headers: { "retry-after": "20" } } : GOOD;
  });
  await model.generate(ASK);
  expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(20_000 - 100);
});

test.each<{ name: string; reply: StubReply; kind: ModelErrorKind; says: readonly string[] }>([
  {
    name: "a wrong key",
    reply: { status: 401, body: errorReply("Incorrect API key provided", "invalid_api_key") },
    kind: "auth",
    says: ["401", "Incorrect API key provided", "set OPENAI_API_KEY"],
  },
  {
    name: "no credit",
    reply: {
      status: 429,
      body: errorReply("You exceeded your current quota", "insufficient_quota", "insufficient_quota"),
    },
    kind: "quota",
    says: ["no credit left"],
  },
  {
    name: "an unknown model",
    reply: { status: 404, body: errorReply("The model `gpt-9` does not exist", "model_not_found") },
    kind: "not-found",
    says: ["The model `gpt-9` does not exist"],
  },
  {
    name: "a wrong base URL with a web page",
    reply: { status: 404, body: "<!doctype html><title>Not found</title>" },
    kind: "not-found",
    says: ["web page", "/v1/responses", "Check the base URL"],
  },
  {
    name: "a wrong base URL that answers 200 with a web page",
    reply: { body: "<!doctype html><title>Welcome</title>", headers: { "content-type": "text/html" } },
    kind: "not-found",
    says: ["web page", "Check the base URL"],
  },
  {
    name: "a redirect",
    reply: { status: 302, headers: { location: "https://example.com/v1/responses" } },
    kind: "not-found",
    says: ["https://example.com/v1/responses", "not followed"],
  },
  {
    name: "a question that does not fit",
    reply: { status: 400, body: errorReply("Your input exceeds the context window", "context_length_exceeded") },
    kind: "invalid-request",
    says: ["do not fit into the model's context"],
  },
  {
    name: "an invalid request",
    reply: { status: 400, body: errorReply("Unsupported parameter: 'reasoning.effort'", "unsupported_parameter") },
    kind: "invalid-request",
    says: ["Unsupported parameter"],
  },
])("$name: $kind at the first attempt, with advice", async ({ reply, kind, says }) => {
  const { server, model } = await setUp([reply]);
  const message = expect.toSatisfy((text: string) => says.every((words) => text.includes(words)));
  await expect(model.generate(ASK)).rejects.toMatchObject({ code: "model_error", kind, attempts: 1, message });
  expect(server.requests).toHaveLength(1);
});

test("a reply of no text and no tokens, every time, is an error and no answer", async () => {
  const { server, model } = await setUp([EMPTY]);
  await expect(model.generate(ASK)).rejects.toMatchObject({ kind: "bad-reply", attempts: 3 });
  expect(server.requests).toHaveLength(3);
});

test("a web page in the middle of a run is tried again", async () => {
  const page = { body: "<html>maintenance</html>", headers: { "content-type": "text/html" } };
  const { model } = await setUp([GOOD, page, GOOD]);
  await model.generate(ASK);
  expect(await model.generate(ASK)).toMatchObject({ text: "ok", attempts: 2 });
});

test("no server: names the address and what is wrong", async () => {
  const { server, model } = await setUp([GOOD]);
  await server.close();
  await expect(model.generate(ASK)).rejects.toMatchObject({
    kind: "connection",
    message: expect.stringMatching(/^no server answers at http:\/\/127\.0\.0\.1:\d+\/v1 \(connection refused\)/),
  });
});

test("a request that hangs ends at the deadline", async () => {
  const { model } = await setUp([{ hang: true }], { timeoutMs: 10_000, maxAttempts: 1 });
  await expect(model.generate(ASK)).rejects.toMatchObject({ kind: "timeout" });
});

test("cancelled in flight: rejects with the reason and closes the connection", async () => {
  const controller = new AbortController();
  const reason = new Error("stopped by the user");
  const { model } = await setUp(() => {
    setTimeout(() => controller.abort(reason), 10);
    return { hang: true };
  });
  await expect(model.generate(ASK, { signal: controller.signal })).rejects.toBe(reason);
});

test("thinking cannot be switched off", async () => {
  const { server, model } = await setUp([GOOD], { id: "gpt-5.2" });
  await expect(model.generate({ ...ASK, thinking: false })).rejects.toMatchObject({
    code: "usage",
    message: "gpt-5.2 always thinks: ask it with --thinking yes",
  });
  expect(server.requests).toHaveLength(0);
});

test("a server without keys gets no authorization header", async () => {
  const { server, model } = await setUp([GOOD], { apiKey: undefined });
  await model.generate(ASK);
  expect(server.requests[0]!.headers).not.toHaveProperty("authorization");
});

test("nothing of the environment reaches a request", async () => {
  const { server, model } = await setUp([GOOD]);
  vi.stubEnv("OPENAI_ORG_ID", "org-of-the-environment");
  vi.stubEnv("OPENAI_PROJECT_ID", "project-of-the-environment");
  await model.generate(ASK);
  expect(JSON.stringify(server.requests[0]!.headers)).not.toContain("of-the-environment");
});

test("settings name everything that decides what is asked, and no secret", async () => {
  const { model } = await setUp([GOOD]);
  expect(model.settings).toEqual({
    api: "responses",
    model: "gpt-5.2",
    server: "other",
    reasoningEffort: "medium",
    promptVersion: "paper-1",
  });
});

test.each(["", "sk-with space", "sk-ümlaut", "sk-line\nbreak"])("refuses the key %j without showing it", (apiKey) => {
  expect(() => openaiResponsesModel({ fileName: "x", model: "x", apiKey, keyHint: "set OPENAI_API_KEY" })).toThrow(
    "the API key is empty or holds blanks or other characters that no key has: set OPENAI_API_KEY",
  );
});
