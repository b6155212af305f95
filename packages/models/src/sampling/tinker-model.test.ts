import { createHash } from "node:crypto";
import { ModelError, type SampledSequence, type SampleRequest, type SamplingClient } from "@pka/core";
import { temporaryFolder, VirtualClock } from "@pka/fault-kit";
import { serve } from "@pka/engine/server";
import { loadHarmonyTokenizer, localDate } from "@pka/renderers";
import { TinkerClient } from "@pka/tinker";
import { expect, onTestFinished, test } from "vitest";
import { ASK } from "../testing/ask.js";
import { writeOnnxCheckpoint } from "../testing/onnx-double.js";
import { tinkerModel, type TinkerModelOptions } from "./tinker-model.js";

const harmony = await loadHarmonyTokenizer();
const BASE_MODEL = "openai/gpt-oss-20b";
const DATE = "2025-12-10";
const RETURN = 200_002;

/** The embedded engine behind the Tinker API, under the name of the paper's model. */
async function setUp(options: Partial<TinkerModelOptions> = {}) {
  const dataDir = temporaryFolder();
  const server = await serve({ dataDir, worker: false, harmonyTokenizer: loadHarmonyTokenizer });
  const service = new TinkerClient({ apiKey: "tml-test", baseUrl: server.url });
  onTestFinished(async () => {
    await service.close();
    await server.close();
  });
  const { client, requests } = recording(await service.createSamplingClient({ baseModel: BASE_MODEL }));
  const model = await tinkerModel({ baseModel: BASE_MODEL, date: DATE, client, ...options });
  return { model, requests };
}

/** The client, and what it is asked. */
function recording(client: SamplingClient) {
  const requests: SampleRequest[] = [];
  const recorder: SamplingClient = {
    computeLogprobs: (tokens) => client.computeLogprobs(tokens),
    sample: (request) => {
      requests.push(request);
      return client.sample(request);
    },
  };
  return { client: recorder, requests };
}

/** A client that gives these tokens. */
function giving(sequence: Partial<SampledSequence>): SamplingClient {
  const { tokens = [], stopReason = "stop" } = sequence;
  return {
    computeLogprobs: async () => [],
    sample: async () => [{ tokens, logprobs: tokens.map(() => -1), stopReason }],
  };
}

const hash = (tokens: readonly number[]) => createHash("sha256").update(tokens.join(",")).digest("hex").slice(0, 16);

test("the prompt and the request, with thinking and without", async () => {
  const { model, requests } = await setUp();
  await model.generate({ ...ASK, seed: 5 });
  await model.generate({ ...ASK, thinking: false, task: "math", cues: true });
  await model.generate({ ...ASK, thinking: false });
  const [thinking, math, noThinking] = requests;
  // Recorded from tinker-cookbook of December 2025.
  expect([thinking!.prompt.length, hash(thinking!.prompt)]).toEqual([94, "79ea6a1db619a838"]);
  expect([noThinking!.prompt.length, hash(noThinking!.prompt)]).toEqual([100, "8fd183ad2648f14b"]);
  expect(thinking!.params).toEqual({ maxTokens: 2048, temperature: 0.6, topP: 0.95, stop: [RETURN], seed: 5 });
  expect(math!.params).toEqual({ maxTokens: 4096, temperature: 0.6, topP: 0.95, stop: [RETURN] });
  const cue = "Think step-by-step and give your final answer in \\boxed{}.";
  expect(harmony.decode(math!.prompt.slice(61))).toBe(
    `<|start|>system<|message|>You will be given a question. ${cue}<|end|><|start|>user<|message|>Who wrote Hamlet?<|end|>` +
      "<|start|>assistant<|channel|>analysis<|message|><|end|><|start|>assistant",
  );
});

test("a completion: both channels as text, its parts, every sampled token counted", async () => {
  const { model, requests } = await setUp();
  // The stand-in was taught these; what it says of Hamlet need not end.
  const question = "Where does Welmira live?";
  const completion = await model.generate({ ...ASK, question, sampling: { temperature: 0, topP: 1 } });
  const { tokens = [], logprobs = [], text, thinking, answer } = completion;
  expect(completion.finishReason).toBe("stop");
  expect(tokens.at(-1)).toBe(RETURN);
  expect(text).toBe(harmony.decode(tokens.slice(0, -1)));
  expect(text).toBe(
    `<|channel|>analysis<|message|>${thinking}<|end|><|start|>assistant<|channel|>final<|message|>${answer}`,
  );
  expect(answer).toMatch(/<answer>.*<\/answer>/);
  expect(completion.numTokens).toBe(tokens.length);
  expect(logprobs).toHaveLength(tokens.length);
  expect(completion.usage).toEqual({
    promptTokens: requests[0]!.prompt.length,
    completionTokens: tokens.length,
    totalTokens: requests[0]!.prompt.length + tokens.length,
  });

  const short = await model.generate({ ...ASK, question, thinking: false, sampling: { temperature: 0, topP: 1 } });
  expect(short.text).toBe(`<|channel|>final<|message|>${short.answer}`);
  expect(short.thinking).toBeUndefined();
});

test("a completion that the limit cut has no stop token, and all of it is text", async () => {
  const tokens = harmony.encode("<|channel|>analysis<|message|>Hm, <answer>");
  const model = await tinkerModel({ baseModel: BASE_MODEL, client: giving({ tokens, stopReason: "length" }) });
  expect(await model.generate(ASK)).toMatchObject({
    text: "<|channel|>analysis<|message|>Hm, <answer>",
    thinking: "Hm, <answer>",
    answer: "",
    finishReason: "length",
    numTokens: tokens.length,
  });
});

test("a completion that goes on after its end is an unreadable reply, not an answer", async () => {
  const tokens = [...harmony.encode("<|channel|>final<|message|>a"), RETURN, RETURN];
  const model = await tinkerModel({ baseModel: BASE_MODEL, client: giving({ tokens }) });
  await expect(model.generate(ASK)).rejects.toMatchObject({ code: "model_error", kind: "bad-reply", isFatal: false });
});

test("settings hold what decides the prompt", async () => {
  const { model } = await setUp({ settings: { server: "other" } });
  expect(model.id).toBe("tinker:openai/gpt-oss-20b");
  expect(model.settings).toEqual({
    api: "sampling",
    renderer: "gpt_oss_low_reasoning",
    maxTokensQa: 2048,
    maxTokensMath: 4096,
    promptVersion: "paper-1",
    date: DATE,
    server: "other",
  });
  const { model: developer } = await setUp({ harmonyStyle: "developer" });
  expect(developer.settings["renderer"]).toBe("gpt_oss_low_reasoning_developer");
});

test("without a date it is today's, and a continued run keeps its own; one that was given stays", async () => {
  const client = giving({ tokens: [RETURN] });
  const before = localDate();
  const model = await tinkerModel({ baseModel: BASE_MODEL, client });
  expect([before, localDate()]).toContain(model.settings["date"]);
  const continued = await model.asRecorded!({ ...model.settings, date: DATE });
  expect(continued.settings).toEqual({ ...model.settings, date: DATE });
  const given = await tinkerModel({ baseModel: BASE_MODEL, client, date: DATE });
  expect("asRecorded" in given).toBe(false);
});

test("an answer that never comes is a timeout of this question, and the client hears of it", async () => {
  const clock = new VirtualClock();
  let ending: AbortSignal | undefined;
  const client: SamplingClient = {
    computeLogprobs: async () => [],
    sample: ({ signal }) => {
      ending = signal;
      return new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason as Error)));
    },
  };
  const model = await tinkerModel({ baseModel: BASE_MODEL, client, clock });
  const failure = await clock.run(model.generate(ASK).catch((error: unknown) => error));
  expect(failure).toBeInstanceOf(ModelError);
  expect(failure).toMatchObject({ kind: "timeout", isRetryable: true });
  expect(clock.now()).toBe(90 * 60_000);
  expect(ending!.aborted).toBe(true);
});

test("cancelled: rejects with the reason", async () => {
  const { model } = await setUp();
  const reason = new Error("stopped by the user");
  await expect(model.generate(ASK, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test("the service's refusal keeps its kind", async () => {
  const { model } = await setUp({ maxTokens: { qa: 2048, math: 4096 } });
  const question = "?! ".repeat(200_000);
  await expect(model.generate({ ...ASK, question })).rejects.toMatchObject({
    code: "model_error",
    kind: "invalid-request",
    isFatal: false,
  });
});

const SOURCE = { endpoint: "http://127.0.0.1:9", offline: true, token: undefined, cacheDir: "no-such-folder" };

test("another model is asked with its own chat template and stops at its own token", async () => {
  const template =
    "{{ strftime_now('%Y-%m-%d') }}|{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}a: ";
  const baseModel = writeOnnxCheckpoint({
    "config.json": '{"eos_token_id": 7}',
    "tokenizer_config.json": '{"eos_token": {"content": "<|end|>"}}',
    "chat_template.jinja": template,
  });
  const { client, requests } = recording(giving({ tokens: [...Buffer.from("Bacon"), 1] }));
  const model = await tinkerModel({ baseModel, client, tokenizers: SOURCE });
  expect(model.thinkingModes).toEqual([true]);
  const continued = await model.asRecorded!({ date: DATE });
  expect(await continued.generate(ASK)).toMatchObject({ text: "Bacon", answer: "Bacon", numTokens: 6 });
  const [{ prompt, params }] = requests as [SampleRequest];
  expect(String.fromCharCode(...prompt)).toBe(
    `${DATE}|system: You will be given a question. Give your final answer in <answer></answer> tags.\nuser: Who wrote Hamlet?\na: `,
  );
  expect(params.stop).toEqual([7, 1]);
});

test("another model whose answers would not end, or whose tokenizer cannot be had, is refused", async () => {
  const client = giving({ tokens: [1] });
  const endless = writeOnnxCheckpoint();
  await expect(tinkerModel({ baseModel: endless, client, tokenizers: SOURCE })).rejects.toThrow(/no eos_token/);
  await expect(tinkerModel({ baseModel: "org/none", client, tokenizers: SOURCE })).rejects.toMatchObject({
    kind: "not-found",
  });
  await expect(tinkerModel({ baseModel: "org/none", client })).rejects.toMatchObject({ code: "usage" });
});
