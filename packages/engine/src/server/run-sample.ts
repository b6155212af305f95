import type { SampledSequence, SamplingParams } from "@pka/core";
import {
  EMPTY_CELL_LOGPROB,
  type SampleRequest,
  type SampleResponse,
  type TinkerSamplingParams,
  type TopkLogprobs,
  tokensOfModelInput,
  type WireSequence,
} from "@pka/tinker/wire";
import type { Engine, EngineSamplingClient } from "../engine.js";
import { EngineInputError } from "../errors.js";
import { END_TOKEN } from "../word-tokenizer.js";
import { sumByOwner, type TokenCodec } from "./token-codec.js";

/** Weights to sample from, and the vocabulary of those who ask. */
export interface Sampler {
  readonly engine: Engine;
  readonly codec: TokenCodec;
  readonly client: EngineSamplingClient;
}

/** Most completions of one request. */
const MAX_SAMPLES = 1024;

/**
 * One `asample`. Logprobs are the model's own, whatever the temperature and cuts; the end of text always ends a completion.
 * @throws EngineInputError for what does not fit the model, or is not implemented.
 */
export async function runSample(
  sampler: Sampler,
  request: SampleRequest,
  signal: AbortSignal,
): Promise<SampleResponse> {
  const { engine, codec, client } = sampler;
  checkOptions(request, codec);
  const given = tokensOfModelInput(request.prompt);
  if (!given) throw new EngineInputError("prompt holds something else than text, which this model cannot read");
  const outerPrompt = [...given];
  if (outerPrompt.length === 0) throw new EngineInputError("prompt is empty; at least one token is needed");
  const { tokens: prompt, owners } = codec.toEngine(outerPrompt);
  const { stop } = request.samplingParams;
  const { ids, strings } = splitStop(stop);
  const room = Math.max(1, engine.config.contextLength - prompt.length);
  // A byte that belongs to no character is read back as three.
  const params = toParams(codec.isIdentity ? room : Math.ceil(room / 3), request.samplingParams, [
    ...codec.stopIds(ids),
    engine.tokenizer.tokenId(END_TOKEN),
  ]);

  const sequences: WireSequence[] = [];
  for (const sampled of await client.sample({ prompt, numSamples: request.numSamples, params, signal })) {
    const outer = codec.fromEngine(outerPrompt, sampled.tokens);
    const maxTokens = request.samplingParams.maxTokens ?? Infinity;
    const kept = cut(outer, sampled.stopReason, strings, maxTokens, codec);
    const tokens = outer.slice(0, kept.length);
    const logprobs = codec.isIdentity
      ? await modelLogprobs(client, prompt, sampled, params)
      : await translatedLogprobs(client, codec, outerPrompt, tokens);
    const topk =
      request.topkSampleLogprobs > 0
        ? await topkAfter(client, [...prompt, ...sampled.tokens.slice(0, kept.length)], {
            k: request.topkSampleLogprobs,
            first: prompt.length - 1,
            length: kept.length,
          })
        : undefined;
    sequences.push({
      stopReason: kept.stopReason,
      tokens: Int32Array.from(tokens),
      logprobs: Float32Array.from(logprobs).subarray(0, kept.length),
      topkLogprobs: topk,
    });
  }
  return {
    sequences,
    promptCacheHitTokens: 0,
    ...(await promptParts(client, prompt, owners, outerPrompt.length, request)),
  };
}

function checkOptions(request: SampleRequest, { isIdentity }: TokenCodec): void {
  const refuse = (field: string): never => {
    throw new EngineInputError(`${field} is not implemented by this server; leave it out`);
  };
  if (request.targetPromptLogprobs) refuse("target_prompt_logprobs");
  if (request.promptAltTokensK > 0) refuse("prompt_alt_tokens_k");
  if (request.promptLogprobsLastN !== undefined) refuse("prompt_logprobs_last_n");
  if (!isIdentity && request.topkPromptLogprobs > 0)
    refuse("topk_prompt_logprobs of a model that stands in for another one");
  if (!isIdentity && request.topkSampleLogprobs > 0)
    refuse("topk_sample_logprobs of a model that stands in for another one");
  if (request.numSamples > MAX_SAMPLES) {
    throw new EngineInputError(`num_samples is ${request.numSamples}, and must be at most ${MAX_SAMPLES}`);
  }
}

function splitStop(stop: TinkerSamplingParams["stop"]): { readonly ids: number[]; readonly strings: string[] } {
  const list = typeof stop === "string" ? [stop] : [...(stop ?? [])];
  const strings = list.filter((item) => typeof item === "string");
  if (strings.includes("")) throw new EngineInputError("stop holds an empty string, which every completion contains");
  return { ids: list.filter((item) => typeof item === "number"), strings };
}

/** @param room - Most tokens of a completion. */
function toParams(
  room: number,
  { maxTokens = room, seed, temperature, topK, topP }: TinkerSamplingParams,
  stop: readonly number[],
): SamplingParams {
  return {
    maxTokens: Math.min(maxTokens, room),
    stop: [...new Set(stop)],
    ...(seed !== undefined && { seed }),
    ...(temperature !== undefined && { temperature }),
    ...(topK !== undefined && { topK: topK === 0 ? -1 : topK }),
    ...(topP !== undefined && { topP }),
  };
}

/** The engine's logprobs are those of the distribution drawn from, which at temperature 1 (or 0) without cuts are the model's own. */
async function modelLogprobs(
  client: EngineSamplingClient,
  prompt: readonly number[],
  { tokens, logprobs }: SampledSequence,
  { temperature = 1, topK = -1, topP = 1 }: SamplingParams,
): Promise<readonly number[]> {
  const isPlain = temperature === 0 || (temperature === 1 && topK === -1 && topP === 1);
  if (isPlain) return logprobs;
  const all = await client.computeLogprobs([...prompt, ...tokens]);
  return all.slice(prompt.length).map((logprob) => logprob ?? 0);
}

/** Logprobs of a client's completion, read as it would be read in training. */
async function translatedLogprobs(
  client: EngineSamplingClient,
  codec: TokenCodec,
  prompt: readonly number[],
  completion: readonly number[],
): Promise<Float32Array> {
  const { tokens, owners } = codec.toEngine([...prompt, ...completion]);
  const logprobs = (await client.computeLogprobs(tokens)).map((logprob) => logprob ?? 0);
  return sumByOwner(logprobs, owners, prompt.length + completion.length).subarray(prompt.length);
}

/** Up to and with the token that completes a stop string; else at most `maxTokens` of the client's tokens. */
function cut(
  tokens: readonly number[],
  stopReason: "stop" | "length",
  strings: readonly string[],
  maxTokens: number,
  { tokenizer }: TokenCodec,
): { readonly length: number; readonly stopReason: "stop" | "length" } {
  const stops = (length: number): boolean => {
    const text = tokenizer.decode(tokens.slice(0, length));
    return strings.some((string) => text.includes(string));
  };
  let length = tokens.length;
  let reason = stopReason;
  if (strings.length > 0 && stops(tokens.length)) {
    // A text that holds the string still holds it when it goes on.
    let [without, withIt] = [0, tokens.length];
    while (withIt - without > 1) {
      const middle = (without + withIt) >> 1;
      if (stops(middle)) withIt = middle;
      else without = middle;
    }
    [length, reason] = [withIt, "stop"];
  }
  return length <= maxTokens ? { length, stopReason: reason } : { length: maxTokens, stopReason: "length" };
}

async function promptParts(
  client: EngineSamplingClient,
  prompt: readonly number[],
  owners: readonly number[],
  outerLength: number,
  { promptLogprobs, topkPromptLogprobs: k }: SampleRequest,
): Promise<Pick<SampleResponse, "promptLogprobs" | "topkPromptLogprobs">> {
  if (!promptLogprobs && k === 0) return {};
  const logprobs = await client.computeLogprobs(prompt);
  const sums = sumByOwner(
    logprobs.map((logprob) => logprob ?? 0),
    owners,
    outerLength,
  );
  sums[0] = Number.NaN;
  if (k === 0) return { promptLogprobs: sums };
  const topk = await topkAfter(client, prompt, { k, first: -1, length: prompt.length });
  return { promptLogprobs: sums, topkPromptLogprobs: topk };
}

/** The likeliest tokens at `length` positions, the first of which follows `tokens[first]`; −1 = the start, of which nothing is known. */
async function topkAfter(
  client: EngineSamplingClient,
  tokens: readonly number[],
  { k: wanted, first, length }: { readonly k: number; readonly first: number; readonly length: number },
): Promise<TopkLogprobs> {
  const { k, tokenIds, logprobs } = await client.topLogprobs(tokens, wanted);
  const topk = { k, length, tokenIds: new Int32Array(length * k), logprobs: new Float32Array(length * k) };
  const empty = first < 0 ? k : 0;
  topk.logprobs.fill(EMPTY_CELL_LOGPROB, 0, empty);
  const start = Math.max(0, first) * k;
  topk.tokenIds.set(tokenIds.subarray(start, start + length * k - empty), empty);
  topk.logprobs.set(logprobs.subarray(start, start + length * k - empty), empty);
  return topk;
}
