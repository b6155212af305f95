import { completionReply, errorReply, serve } from "@pka/fault-kit";
import { beforeAll, expect, test } from "vitest";
import { ASK } from "../testing/ask.js";
import { completionsModel } from "./completions-model.js";
import {
  ANSWERED,
  NOT_FOUND,
  OLMO,
  setUp,
  setUpModel,
  transformersServe,
  vllm,
} from "../testing/completions-servers.js";

// Loaded on first use, which must not count as time that a server took.
beforeAll(() => import("undici"));

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
