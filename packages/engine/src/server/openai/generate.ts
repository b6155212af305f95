import { randomUUID } from "node:crypto";
import { modelInputOfTokens, topkRow } from "@pka/tinker/wire";
import type { z } from "zod";
import { END_TOKEN } from "../../word-tokenizer.js";
import { ApiError } from "../api-error.js";
import { runSample, type Sampler } from "../run-sample.js";
import type { Service } from "../service.js";
import { identityCodec } from "../token-codec.js";
import type { samplingFields } from "./sampling-fields.js";

/** One completion, token by token. */
export interface Choice {
  /** Text of each token; the end of text, and what comes from a stop string on, are left out. */
  readonly pieces: readonly Piece[];
  readonly finishReason: "stop" | "length";
  /** Tokens sampled, those left out included. */
  readonly numTokens: number;
}

export interface Piece {
  readonly text: string;
  readonly logprob: number;
  /** The likeliest tokens here, where they were asked for. */
  readonly top: readonly { readonly text: string; readonly logprob: number }[];
}

export function textOf({ pieces }: Choice): string {
  return pieces.map(({ text }) => text).join("");
}

/** Weights by the name that a client gives: a base model, a `tinker://` path, or `<base model>;<path>`. @throws ApiError 404 */
export function openSampler({ samplers }: Service, model: string): Promise<Sampler> {
  const path = model.slice(model.indexOf("tinker://"));
  return path.startsWith("tinker://") ? samplers.open(undefined, path) : samplers.open(model, undefined);
}

/** The same weights, spoken to in the engine's own vocabulary. */
export function inEngineTokens(sampler: Sampler): Sampler {
  return { ...sampler, codec: identityCodec(sampler.engine.tokenizer) };
}

type Fields = { [K in keyof typeof samplingFields]?: z.infer<(typeof samplingFields)[K]> | undefined };

/** `n` completions of one prompt. */
export async function generate(
  sampler: Sampler,
  prompt: readonly number[],
  fields: Fields & { readonly maxTokens: number | undefined; readonly numTop: number },
  signal: AbortSignal,
): Promise<Choice[]> {
  const { contextLength } = sampler.engine.config;
  if (prompt.length >= contextLength) {
    throw new ApiError(400, `the prompt has ${prompt.length} tokens, and this model's context holds ${contextLength}`);
  }
  const stop = typeof fields.stop === "string" ? [fields.stop] : (fields.stop ?? []);
  const { sequences } = await runSample(
    sampler,
    {
      prompt: modelInputOfTokens(prompt),
      numSamples: fields.n ?? 1,
      samplingParams: {
        maxTokens: Math.min(fields.maxTokens ?? contextLength, contextLength),
        temperature: fields.temperature ?? undefined,
        topP: fields.top_p ?? undefined,
        topK: fields.top_k ?? undefined,
        seed: fields.seed ?? undefined,
        stop,
      },
      promptLogprobs: false,
      topkPromptLogprobs: 0,
      topkSampleLogprobs: fields.numTop,
      promptAltTokensK: 0,
      recordStabilityInfo: false,
    },
    signal,
  );
  const { tokenizer } = sampler.codec;
  const end = sampler.engine.tokenizer.tokenId(END_TOKEN);
  return sequences.map(({ tokens, logprobs, stopReason, topkLogprobs }) => {
    const isEnded = sampler.codec.isIdentity && tokens.at(-1) === end;
    const kept = isEnded ? tokens.slice(0, -1) : tokens;
    let before = "";
    const pieces = Array.from(kept, (_, i): Piece => {
      const upTo = tokenizer.decode(Array.from(kept.subarray(0, i + 1)));
      // A character's first bytes come with its last one.
      const shown = i + 1 < kept.length ? upTo.replace(/(?<!\uFFFD)\uFFFD+$/, "") : upTo;
      const text = shown.slice(before.length);
      before = shown;
      const top = (topkLogprobs && topkRow(topkLogprobs, i)) ?? [];
      return {
        text,
        logprob: logprobs?.[i] ?? 0,
        top: top.map(([id, logprob]) => ({ text: tokenizer.decode([id]), logprob })),
      };
    });
    return { pieces: beforeStop(pieces, stop), finishReason: stopReason, numTokens: tokens.length };
  });
}

/** The first stop string ends the text. */
function beforeStop(pieces: readonly Piece[], stop: readonly string[]): Piece[] {
  const text = pieces.map((piece) => piece.text).join("");
  const found = stop.map((string) => text.indexOf(string)).filter((at) => at >= 0);
  let room = Math.min(text.length, ...found);
  const kept: Piece[] = [];
  for (const piece of pieces) {
    if (room <= 0 && piece.text !== "") break;
    kept.push({ ...piece, text: piece.text.slice(0, room) });
    room -= piece.text.length;
  }
  return kept;
}

/** The parts of a reply that every API has. */
export function replyBase(prefix: string, model: string) {
  return { id: `${prefix}-${randomUUID()}`, created: Math.floor(Date.now() / 1000), model };
}

export function usageOf(numPrompt: number, choices: readonly Choice[]) {
  const numCompletion = choices.reduce((sum, { numTokens }) => sum + numTokens, 0);
  return { prompt_tokens: numPrompt, completion_tokens: numCompletion, total_tokens: numPrompt + numCompletion };
}
