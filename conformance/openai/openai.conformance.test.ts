import { existsSync } from "node:fs";
import type { Ask, Model } from "@pka/core";
import { chatReply, completionReply, errorReply, responsesReply, startStubServer, vllmModels } from "@pka/fault-kit";
import { completionsModel, openaiResponsesModel } from "@pka/models";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type OpenApi, readOpenApi } from "./openapi.js";

// openapi.json of https://github.com/openai/openai-openapi: too large to be kept here, and in no package.
const FILE = process.env["OPENAI_OPENAPI"] ?? "";
const isThere = existsSync(FILE);
const skipped = isThere ? "" : " (skipped: OPENAI_OPENAPI does not name a copy of OpenAI's openapi.json)";

const ASK: Ask = {
  task: "qa",
  question: "Who wrote Hamlet?",
  cues: true,
  thinking: true,
  sampling: { temperature: 0.6, topP: 0.95 },
  seed: 7,
};

/** The body of the one question that `open`'s model really sends over HTTP. */
async function bodyOf(
  open: (url: string) => Model | Promise<Model>,
  reply: object,
  models: object,
  ask = ASK,
): Promise<unknown> {
  const server = await startStubServer(({ method, path }) => {
    if (path === "/v1/models") return { body: models };
    return method === "GET" ? { status: 404 } : { body: reply };
  });
  onTestFinished(() => server.close());
  const model = await open(server.url);
  onTestFinished(() => model.close!());
  await model.generate(ask);
  return server.requests.findLast(({ method }) => method === "POST")!.body;
}

const openResponses = (baseUrl: string) =>
  openaiResponsesModel({ fileName: "gpt52", model: "gpt-5.2", apiKey: "sk-test", baseUrl });
const openServer = (renderer: "olmo" | "r1" | "chat") => (url: string) =>
  completionsModel({ fileName: "x", model: "org/model", baseUrls: [url], renderer });
const NO_LIST = { object: "list", data: [] };

describe.skipIf(!isThere)(`OpenAI's OpenAPI description${skipped}`, () => {
  let openApi: OpenApi;
  beforeAll(() => {
    openApi = readOpenApi(FILE);
    console.log(`conformance: OpenAI's OpenAPI description, version ${openApi.version}`);
  });

  test("the check finds a wrong value and a key that does not exist", () => {
    const body = { model: "gpt-5.2", input: "?", reasoning: { effort: "hgih" }, temprature: 1 };
    expect(openApi.faults("CreateResponse", body)).not.toEqual([]);
    expect(openApi.unknownKeys("CreateResponse", body)).toEqual(["/temprature"]);
    expect(openApi.unknownKeys("CreateResponse", { reasoning: { efort: "low" } })).toEqual(["/reasoning/efort"]);
  });

  test("what the Responses provider sends", async () => {
    const body = await bodyOf(openResponses, responsesReply({ text: "x" }), NO_LIST);
    expect(openApi.faults("CreateResponse", body)).toEqual([]);
    expect(openApi.unknownKeys("CreateResponse", body)).toEqual([]);
  });

  test.each(["olmo", "r1"] as const)(
    "what the completions provider sends to a server that is not vLLM, %s",
    async (renderer) => {
      const body = await bodyOf(openServer(renderer), completionReply("x</think>y"), NO_LIST);
      expect(openApi.faults("CreateCompletionRequest", body)).toEqual([]);
      expect(openApi.unknownKeys("CreateCompletionRequest", body)).toEqual([]);
    },
  );

  test("what the completions provider sends to a server that is not vLLM, chat", async () => {
    const body = await bodyOf(openServer("chat"), chatReply({ content: "x" }), NO_LIST);
    expect(openApi.faults("CreateChatCompletionRequest", body)).toEqual([]);
    expect(openApi.unknownKeys("CreateChatCompletionRequest", body)).toEqual([]);
  });

  test("what it sends to vLLM has vLLM's own fields besides, and no others", async () => {
    const prompt = await bodyOf(openServer("r1"), completionReply("x"), vllmModels("org/model"));
    expect(openApi.faults("CreateCompletionRequest", prompt)).toEqual([]);
    const extra = ["/add_special_tokens", "/min_p", "/repetition_penalty", "/top_k"];
    expect(openApi.unknownKeys("CreateCompletionRequest", prompt).toSorted()).toEqual(extra);

    const ask = { ...ASK, thinking: false };
    const chat = await bodyOf(openServer("chat"), chatReply({ content: "x" }), vllmModels("org/model"), ask);
    expect(openApi.faults("CreateChatCompletionRequest", chat)).toEqual([]);
    const chatExtra = ["/chat_template_kwargs", "/min_p", "/repetition_penalty", "/top_k"];
    expect(openApi.unknownKeys("CreateChatCompletionRequest", chat).toSorted()).toEqual(chatExtra);
  });

  // The tests of @pka/models are only as good as the replies that they are run against.
  test.each([
    { name: "normal", reply: responsesReply({ text: "x" }) },
    { name: "refusal", reply: responsesReply({ refusal: "no" }) },
    {
      name: "incomplete",
      reply: responsesReply({ text: "x", status: "incomplete", incompleteReason: "max_output_tokens" }),
    },
    {
      name: "content filter",
      reply: responsesReply({ text: "", status: "incomplete", incompleteReason: "content_filter" }),
    },
    { name: "empty", reply: responsesReply({ usage: { input: 0, output: 0, reasoning: 0 } }) },
    { name: "without usage", reply: responsesReply({ text: "x", usage: null }) },
    { name: "failed", reply: responsesReply({ status: "failed", error: { code: "server_error", message: "sorry" } }) },
  ])("the stub's reply of the Responses API, $name", ({ reply }) => {
    expect(openApi.faults("Response", reply)).toEqual([]);
    expect(openApi.unknownKeys("Response", reply)).toEqual([]);
  });

  test("the stub's replies of the completions APIs", () => {
    expect(openApi.faults("CreateCompletionResponse", completionReply("x"))).toEqual([]);
    expect(openApi.unknownKeys("CreateCompletionResponse", completionReply("x"))).toEqual([]);
    expect(openApi.faults("CreateChatCompletionResponse", chatReply({ content: "x" }))).toEqual([]);
    expect(openApi.unknownKeys("CreateChatCompletionResponse", chatReply({ content: "x" }))).toEqual([]);
    expect(openApi.faults("ErrorResponse", errorReply("why"))).toEqual([]);
  });
});
