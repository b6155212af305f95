import { type Completion, type Model, silentLogger } from "@pka/core";
import type { ClientOptions, OpenAI } from "openai";
import type { ResponseCreateParamsNonStreaming } from "openai/resources/responses/responses";
import { checkThinkingMode } from "../check-thinking-mode.js";
import { defineModel } from "../define-model.js";
import type { Endpoint } from "../http/endpoint.js";
import type { Ending } from "../http/with-deadline.js";
import { paperMessages, PROMPT_VERSION } from "../paper-prompts.js";
import { Requester, type RequestOptions } from "../http/requester.js";
import { parseResponsesReply } from "./responses-reply.js";

const OPENAI_BASE_URL = "https://api.openai.com/v1";

/** Options of `openaiResponsesModel`. */
export interface OpenAIResponsesOptions extends RequestOptions {
  /** Default `openai:<model>`. */
  readonly id?: string | undefined;
  /** The model's part of result file names. */
  readonly fileName: string;
  /** The id that OpenAI knows, such as `gpt-5.2`. */
  readonly model: string;
  /** May be absent where `baseUrl` is a server without keys. */
  readonly apiKey?: string | undefined;
  /** Default OpenAI's. */
  readonly baseUrl?: string | undefined;
  /** What to do about a missing or wrong key. Names where it comes from, never the key itself. */
  readonly keyHint?: string | undefined;
}

/**
 * A reasoning model behind OpenAI's Responses API, asked as the paper asks gpt-5.2: one user message, effort medium, no temperature,
 * top_p or token limit (`Ask.sampling` and `Ask.seed` do not apply). It always thinks; the thinking itself is not shown.
 * `numTokens` is the total: prompt, reasoning and answer. Where a server sends no usage, it is 0 and a warning is logged once.
 *
 * @throws UsageError for a bad URL, key or option. Nothing is sent before the first question.
 * @see `run_eval.py` of arXiv:2602.22193. Differs from it: failed requests are retried, and a reply of 0 tokens is an error.
 */
export function openaiResponsesModel(options: OpenAIResponsesOptions): Model {
  const { model, baseUrl = OPENAI_BASE_URL, logger = silentLogger } = options;
  const requester = new Requester(
    {
      baseUrls: [baseUrl],
      apiKey: options.apiKey,
      keyHint: options.keyHint ?? "see the `apiKey` option",
      serverHint: "check the network connection and the base URL",
    },
    options,
  );
  const endpoint = requester.endpoints[0]!;
  let client: Promise<OpenAI> | undefined;
  let hasWarned = false;

  return defineModel({
    id: options.id ?? `openai:${model}`,
    fileName: options.fileName,
    thinkingModes: [true],
    settings: {
      api: "responses",
      model,
      server: new URL(endpoint.baseUrl).hostname === "api.openai.com" ? "openai" : "other",
      reasoningEffort: "medium",
      promptVersion: PROMPT_VERSION,
    },
    extraction: () => "answer-tags",

    async generate(ask, { signal } = {}): Promise<Completion> {
      checkThinkingMode(this, ask);
      const [message] = paperMessages("user", ask);
      const body: ResponseCreateParamsNonStreaming = {
        model,
        reasoning: { effort: "medium" },
        input: [{ role: "user", content: message!.content }],
        stream: false,
      };
      client ??= openClient(endpoint.baseUrl);
      const openai = await client;
      const { value, attempts, possiblyBilled } = await requester.send(async (_, ending) => {
        const response = await through(endpoint, ending, (fetch) =>
          openai.withOptions({ fetch }).responses.create(body).asResponse(),
        );
        const requestId = response.headers.get("x-request-id");
        return { ...parseResponsesReply(await response.json()), ...(requestId !== null && { requestId }) };
      }, signal);
      if (value.usage.totalTokens === undefined && !hasWarned) {
        hasWarned = true;
        logger.warn(`${endpoint.baseUrl} does not say how many tokens were used: num_tokens is 0`);
      }
      return { ...value, attempts, ...(possiblyBilled > 0 && { possiblyBilled }) };
    },

    close: () => requester.close(),
  });
}

/** The official client for what a request looks like. The key, connections, retries and deadlines are ours. */
async function openClient(baseURL: string): Promise<OpenAI> {
  const { OpenAI } = await import("openai");
  return new OpenAI({
    apiKey: "set by the endpoint",
    baseURL,
    // null: these would otherwise come from the environment.
    organization: null,
    project: null,
    adminAPIKey: null,
    webhookSecret: null,
    logLevel: "off",
    maxRetries: 0,
    timeout: 2 ** 31 - 1,
  });
}

type Fetch = NonNullable<ClientOptions["fetch"]>;

/** Gives the client a `fetch` that asks the endpoint. The client hides what `fetch` throws in an error of its own; here it comes out. */
async function through<T>(endpoint: Endpoint, ending: Ending, call: (fetch: Fetch) => Promise<T>): Promise<T> {
  let failure: unknown;
  const fetch: Fetch = async (url, init) => {
    try {
      const request = new Request(url, init);
      const path = request.url.slice(endpoint.baseUrl.length);
      const { json, requestId } = await endpoint.request(path, { body: Object(await request.json()), ending });
      return Response.json(json, requestId === undefined ? {} : { headers: { "x-request-id": requestId } });
    } catch (error) {
      failure = error;
      throw error;
    }
  };
  return call(fetch).catch((error: unknown) => {
    throw failure ?? error;
  });
}
