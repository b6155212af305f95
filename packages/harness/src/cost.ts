import type { Usage } from "@pka/core";

/** Price of a model's tokens, in US dollars per million. */
export interface Price {
  readonly inputPerMillion: number;
  /** Prompt tokens that the provider had in its cache. Absent = they cost what the others do. */
  readonly cachedInputPerMillion?: number;
  /** Sampled tokens. */
  readonly outputPerMillion: number;
  /** Day on which the price was read. */
  readonly asOf?: string;
}

/** Tokens of one completion that somebody pays for. */
export interface CountedTokens {
  readonly prompt: number;
  /** The part of `prompt` that the provider had in its cache. */
  readonly cached: number;
  readonly completion: number;
}

/** `undefined` when the provider's usage does not say. */
export function countTokens({ promptTokens, cachedPromptTokens = 0, ...usage }: Usage): CountedTokens | undefined {
  const { completionTokens: completion, totalTokens } = usage;
  const prompt = promptTokens ?? difference(totalTokens, completion);
  if (prompt === undefined || completion === undefined) return undefined;
  return { prompt, cached: Math.min(cachedPromptTokens, prompt), completion };
}

/** US dollars. */
export function costUsd({ prompt, cached, completion }: CountedTokens, price: Price): number {
  const { inputPerMillion, cachedInputPerMillion = inputPerMillion, outputPerMillion } = price;
  const inputs = (prompt - cached) * inputPerMillion + cached * cachedInputPerMillion;
  return (inputs + completion * outputPerMillion) / 1e6;
}

function difference(total: number | undefined, part: number | undefined): number | undefined {
  return total === undefined || part === undefined ? undefined : total - part;
}
