import type { Usage } from "@pka/core";

/** Price of a model's tokens. */
export interface Price {
  /** US dollars per million prompt tokens. */
  readonly inputPerMillion: number;
  /** US dollars per million sampled tokens. */
  readonly outputPerMillion: number;
}

/** What a completion cost in US dollars; `undefined` when the provider's usage does not say. */
export function costUsd(usage: Usage, price: Price): number | undefined {
  const { completionTokens, totalTokens } = usage;
  const promptTokens = usage.promptTokens ?? difference(totalTokens, completionTokens);
  if (promptTokens === undefined || completionTokens === undefined) return undefined;
  return (promptTokens * price.inputPerMillion + completionTokens * price.outputPerMillion) / 1e6;
}

function difference(total: number | undefined, part: number | undefined): number | undefined {
  return total === undefined || part === undefined ? undefined : total - part;
}
