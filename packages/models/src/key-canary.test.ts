import { inspect } from "node:util";
import type { Ask, Model } from "@pka/core";
import {
  completionReply,
  quickClock,
  responsesReply,
  type SeenRequest,
  serve,
  type StubReply,
  vllmModels,
} from "@pka/fault-kit";
import { beforeAll, expect, test } from "vitest";
import { completionsModel } from "./openai/completions-model.js";
import { openaiResponsesModel } from "./openai/openai-responses-model.js";
import type { RequestOptions } from "./http/requester.js";

const KEY = "sk-canary-7f3a/9b+2=";
const FORMS = [
  KEY,
  encodeURIComponent(KEY),
  Buffer.from(KEY).toString("base64"),
  Buffer.from(`Bearer ${KEY}`).toString("base64"),
];
const ASK: Ask = { task: "qa", question: "?", cues: false, thinking: true, sampling: { temperature: 1, topP: 1 } };

/** Whatever a careless server or proxy could say with the request's headers in it. */
const leak = FORMS.join(" and ");
const long = "x".repeat(490) + KEY;
const FAILURES: Record<string, StubReply> = {
  ...Object.fromEntries(
    [400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 529].map((status) => [
      `${status} with an API error`,
      { status, body: { error: { message: `your key ${leak}`, code: leak } }, headers: { "x-request-id": KEY } },
    ]),
  ),
  "400 with a text": { status: 400, body: `authorization: Bearer ${leak}` },
  "400 with a long text": { status: 400, body: long },
  "400 with details": { status: 400, body: { detail: [{ msg: "bad", input: { headers: { authorization: leak } } }] } },
  "500 with a web page": { status: 500, body: `<html>${leak}</html>` },
  "200 with a web page": { body: `<html>${leak}</html>` },
  "200 with no JSON": { body: `{"key": "${KEY}"` },
  "200 with another shape": { body: { object: leak, output: leak, choices: leak, [KEY]: KEY } },
  "a failed response": { body: responsesReply({ status: "failed", error: { code: leak, message: leak } }) },
  "an aborted completion": { body: completionReply("", { finishReason: leak }) },
  "a redirect": { status: 307, headers: { location: `https://example.com/?key=${encodeURIComponent(KEY)}` } },
  "a cut connection": { cut: "at-once" },
  "a cut reply": { body: responsesReply({ text: leak }), cut: "in-body" },
  "no answer": { hang: true },
};

// Loaded on first use, which must not count as time that a server took.
beforeAll(async () => {
  await import("undici");
});

type Open = (url: string, options: RequestOptions) => Model | Promise<Model>;

const openResponses: Open = (baseUrl, options) =>
  openaiResponsesModel({ ...options, fileName: "x", model: "gpt-5.2", apiKey: KEY, baseUrl });

const openCompletions: Open = (url, options) =>
  completionsModel({ ...options, fileName: "x", model: "m", baseUrls: [url], apiKey: KEY });

async function everythingSaid(open: Open, answer: (request: SeenRequest) => StubReply): Promise<string[]> {
  const said: string[] = [];
  const logger = { info: (text: string) => said.push(text), warn: (text: string) => said.push(text) };
  const server = await serve(answer);
  let model: Model | undefined;
  try {
    model = await open(server.url, { logger, clock: quickClock, maxAttempts: 2, timeoutMs: 10_000 });
    await model.generate(ASK);
  } catch (error) {
    said.push(inspect(error, { depth: Infinity, showHidden: true }), JSON.stringify(error), String(error));
    // What a reporter that copies every field would write.
    if (error instanceof Error) said.push(JSON.stringify(error, Object.getOwnPropertyNames(error)));
  }
  await model?.close?.();
  expect(server.requests[0]!.headers.authorization).toBe(`Bearer ${KEY}`);
  return said;
}

function expectNoKey(said: readonly string[], failure: string): void {
  for (const text of said) for (const form of FORMS) expect(text, `after ${failure}`).not.toContain(form);
}

test("the key is in nothing that is said after any failure: Responses API", async () => {
  const cases = Object.entries(FAILURES).map(async ([name, failure]) => {
    expectNoKey(await everythingSaid(openResponses, () => failure), name);
  });
  await Promise.all(cases);
});

test("the key is in nothing that is said after any failure: completions", async () => {
  const cases = Object.entries(FAILURES).map(async ([name, failure]) => {
    const whileAsking = ({ path, method }: SeenRequest) => {
      if (path === "/v1/models") return { body: vllmModels("m") };
      return method === "GET" ? { status: 404 } : failure;
    };
    expectNoKey(await everythingSaid(openCompletions, whileAsking), name);
    expectNoKey(await everythingSaid(openCompletions, () => failure), `${name}, at once`);
  });
  await Promise.all(cases);
});

test("the key is in nothing that is said when a server serves another model", async () => {
  expectNoKey(await everythingSaid(openCompletions, () => ({ body: vllmModels(KEY) })), "the list");
});

test("a redirect does not carry the key to another server", async () => {
  const thief = await serve([{ body: responsesReply({ text: "thanks" }) }]);
  const redirect = await serve([{ status: 307, headers: { location: `${thief.url}/responses` } }]);
  const model = await openResponses(redirect.url, {});
  await expect(model.generate(ASK)).rejects.toMatchObject({ kind: "not-found" });
  await model.close!();
  expect(thief.requests).toHaveLength(0);
});

test("a key inside a base URL is refused and not shown", () => {
  const url = `https://user:${encodeURIComponent(KEY)}@example.com/v1`;
  expect(() => openResponses(url, {})).toThrow(
    "base URL of example.com: give the key as an API key, not inside the URL",
  );
});
