import { type Ask, type Completion, type Model, PkaError, Random } from "@pka/core";
import {
  chatReply,
  completionReply,
  mutatedReply,
  quickClock,
  responsesReply,
  serve,
  vllmModels,
} from "@pka/fault-kit";
import { completionsModel, openaiResponsesModel } from "@pka/models";
import { TinkerClient } from "@pka/tinker";
import { sampleResponseToJson } from "@pka/tinker/wire";
import { expect, test } from "vitest";
import { startTinkerStub } from "../packages/tinker/src/testing/tinker-stub.js";
import { readChat, readCompletion, type Reading, readResponses, readSamples } from "./independent-readings.js";
import { SEED } from "./seed.js";

const CASES = { responses: 3000, completions: 2500, chat: 2500, tinker: 2000 } as const;
const AT_ONCE = 32;
const TEXT = "é ∑ 🙂 <answer>Zürich</answer>";
const ASK: Omit<Ask, "question"> = { task: "qa", cues: false, thinking: true, sampling: { temperature: 1, topP: 1 } };
const OPTIONS = { fileName: "x", model: "m", maxAttempts: 1, maxConcurrency: AT_ONCE } as const;

/** What became of the cases of one API. */
interface Tally {
  accepted: number;
  refused: number;
  /** Neither a value nor an error of ours. */
  readonly uncaught: string[];
  /** A value that is not what the reply says. */
  readonly wrong: string[];
  /** Replies that were left as they were, and were refused. */
  readonly overcautious: string[];
}

async function ask<T>(
  numCases: number,
  bodyOf: (n: number) => { readonly body: Buffer; readonly how: string },
  askCase: (n: number) => Promise<T>,
  check: (value: T, body: Buffer) => string | undefined,
): Promise<Tally> {
  const tally: Tally = { accepted: 0, refused: 0, uncaught: [], wrong: [], overcautious: [] };
  const cases = Array.from({ length: numCases }, (_, n) => n).values();
  const work = async () => {
    // One iterator for all workers.
    for (const n of cases) {
      const { body, how } = bodyOf(n);
      const where = `seed ${SEED}, case ${n} (${how}): ${body.toString().slice(0, 1500)}`;
      try {
        const value = await askCase(n);
        tally.accepted += 1;
        const difference = check(value, body);
        if (difference !== undefined) tally.wrong.push(`${difference}\n${where}`);
      } catch (error) {
        if (!PkaError.isInstance(error)) tally.uncaught.push(`${String(error)}\n${where}`);
        tally.refused += 1;
        if (how === "as it was") tally.overcautious.push(`${String(error)}\n${where}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return tally;
}

const APIS = {
  responses: {
    path: "/v1/responses",
    valid: responsesReply({ text: TEXT }),
    read: readResponses,
    open: async (baseUrl: string): Promise<Model> => openaiResponsesModel({ ...OPTIONS, baseUrl }),
  },
  completions: {
    path: "/v1/completions",
    valid: completionReply(`x</think>${TEXT}`),
    read: readCompletion,
    open: (url: string) => completionsModel({ ...OPTIONS, baseUrls: [url], renderer: "r1" }),
  },
  chat: {
    path: "/v1/chat/completions",
    valid: chatReply({ content: TEXT, reasoning: "ü" }),
    read: readChat,
    open: (url: string) => completionsModel({ ...OPTIONS, baseUrls: [url] }),
  },
} as const;

function differenceOf(completion: Completion, reading: Reading | undefined): string | undefined {
  if (!reading) return "accepted, though there is no answer in it";
  const { text, finishReason, numTokens } = completion;
  const got = JSON.stringify({ text, finishReason, numTokens });
  const expected = JSON.stringify(reading);
  return got === expected ? undefined : `got ${got}, but it says ${expected}`;
}

test.for(["responses", "completions", "chat"] as const)("B5 mutated replies: %s", async (name, { annotate }) => {
  const { path, valid, read, open } = APIS[name];
  const replyOf = (n: number) => mutatedReply(valid, new Random(SEED, `${name} ${n}`));
  const server = await serve((request) => {
    if (request.path === "/v1/models") return { body: vllmModels("m") };
    if (request.path !== path) return { status: 404 };
    const n = Number(/case (\d+)/.exec(request.text)?.[1]);
    // First a good one: to a server that never answered, a web page means something else.
    return Number.isNaN(n) ? { body: valid } : replyOf(n);
  });
  const model = await open(server.url);
  await model.generate({ ...ASK, question: "first" });
  const tally = await ask(
    CASES[name],
    replyOf,
    (n) => model.generate({ ...ASK, question: `case ${n}` }),
    (completion, body) => differenceOf(completion, read(body)),
  );
  await model.close!();
  await report(name, tally, annotate);
});

test("B5 mutated replies: tinker", async ({ annotate }) => {
  const valid = sampleResponseToJson({
    sequences: [
      { stopReason: "stop", tokens: Int32Array.of(5, 6, 7), logprobs: Float32Array.of(-0.5, -1, -2) },
      { stopReason: "length", tokens: Int32Array.of(8), logprobs: Float32Array.of(-3) },
    ],
    promptCacheHitTokens: 0,
  }) as object;
  const replyOf = (n: number) => mutatedReply(valid, new Random(SEED, `tinker ${n}`));
  /** Which case each sample belongs to, in the order in which the stub numbers them. */
  const caseOf = new Map<number, number>();
  const stub = await startTinkerStub({
    pendingPolls: 0,
    answer: ({ path, json }) => {
      if (path === "/asample" && !caseOf.has(json.seq_id)) caseOf.set(json.seq_id, json.prompt.chunks[0].tokens[0]);
      if (path !== "/retrieve_future" || !json.request_id.startsWith("sample-")) return undefined;
      const sample = Number(json.request_id.slice("sample-".length));
      const { body, headers } = replyOf([...caseOf.values()][sample]!);
      return { bytes: body, headers: headers! };
    },
  });
  const client = new TinkerClient({ apiKey: "tml-test", baseUrl: stub.url, clock: quickClock });
  const sampler = await client.createSamplingClient({ baseModel: "stub/base" });
  const tally = await ask(
    CASES.tinker,
    replyOf,
    (n) => sampler.sample({ prompt: [n], numSamples: 2, params: { maxTokens: 4 } }),
    (sequences, body) => {
      const got = JSON.stringify(sequences);
      const expected = JSON.stringify(readSamples(body));
      return got === expected ? undefined : `got ${got}, but it says ${expected}`;
    },
  );
  await client.close();
  await report("tinker", tally, annotate);
});

async function report(
  name: keyof typeof CASES,
  tally: Tally,
  annotate: (message: string, type: string) => Promise<unknown>,
): Promise<void> {
  const { accepted, refused, uncaught, wrong, overcautious } = tally;
  expect(uncaught.slice(0, 3)).toEqual([]);
  expect(wrong.slice(0, 3)).toEqual([]);
  expect(overcautious.slice(0, 3)).toEqual([]);
  expect(accepted + refused).toBe(CASES[name]);
  // Both happen, so neither check is idle.
  expect(Math.min(accepted, refused)).toBeGreaterThan(CASES[name] / 10);
  const what = `${CASES[name]} mutated replies: ${accepted} read as an independent reading does, ${refused} typed errors`;
  await annotate(`${what}; 0 uncaught, 0 silently wrong (seed ${SEED})`, "figure");
}
