import { completionReply, quickClock, type SeenRequest, serve, type StubReply, vllmModels } from "@pka/fault-kit";
import { onTestFinished } from "vitest";
import { completionsModel, type CompletionsOptions } from "../openai/completions-model.js";

export const OLMO = "allenai/Olmo-3-7B-Think";
export const R1 = "deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B";
export const NOT_FOUND = { status: 404, body: { detail: "Not Found" } };

export const ANSWERED = () => ({ body: completionReply("x</think>") });

/** What a server answers to its `index`th request. */
export type Answer = (request: SeenRequest, index: number) => StubReply;

/** vLLM: a model list that names its owner, GET /version, POST /tokenize. */
export const vllm = (model: string, answer: Answer, maxModelLen?: number): Answer => {
  let numAsked = 0;
  return (request) => {
    if (request.path === "/v1/models") return { body: vllmModels(model, maxModelLen) };
    if (request.path === "/version") return { body: { version: "0.12.0" } };
    if (request.path === "/tokenize") return { body: { count: 4, max_model_len: 32_768, tokens: [7, 7, 8, 9] } };
    if (request.method === "GET") return NOT_FOUND;
    return answer(request, numAsked++);
  };
};

/** The fields of OpenAI's API. */
const STANDARD = new Set(["model", "prompt", "messages", "max_tokens", "temperature", "top_p", "seed", "stream"]);

/** `transformers serve`: an empty model list, no /version, and 422 for a field that OpenAI does not have. */
export const transformersServe =
  (answer: Answer): Answer =>
  (request, index) => {
    if (request.path === "/v1/models") return { body: { object: "list", data: [] } };
    if (request.method === "GET") return NOT_FOUND;
    const unexpected = Object.keys(request.body).filter((key) => !STANDARD.has(key));
    if (unexpected.length > 0)
      return { status: 422, body: { detail: `Unexpected fields in the request: ${unexpected.join(", ")}` } };
    return answer(request, index);
  };

/** A server with these answers, and what creates a model of it. */
export async function setUp(answer: Answer, options: Partial<CompletionsOptions> = {}) {
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

/** A model of a server with these answers, and what the server was asked to complete. */
export async function setUpModel(answer: Answer, options: Partial<CompletionsOptions> = {}) {
  const { create, ...rest } = await setUp(answer, options);
  const model = await create();
  onTestFinished(() => model.close!());
  return {
    ...rest,
    model,
    posts: () => rest.server.requests.filter(({ path }) => path.startsWith("/v1/") && path !== "/v1/models"),
  };
}
