/** What tokens cost, in US dollars per million. */
export interface Price {
  /** Prompt tokens that were not cached. */
  readonly inputPerMillion: number;
  /** Completion tokens, reasoning included. */
  readonly outputPerMillion: number;
}

/**
 * List prices of the paper's OpenAI models, standard tier, as of November 2026.
 * gpt-5-mini: its page at developers.openai.com/api/docs/models/gpt-5-mini. gpt-5.2: several lists made from OpenAI's announcement
 * and pricing page, which all agree. Cached prompts cost less, so a sum made with these is at most too high.
 */
const PRICES: Readonly<Record<string, Price>> = {
  "gpt-5.2": { inputPerMillion: 1.75, outputPerMillion: 14 },
  "gpt-5-mini": { inputPerMillion: 0.25, outputPerMillion: 2 },
};

/**
 * What a model costs. A dated snapshot (`gpt-5-mini-2025-08-07`) costs what its model does.
 *
 * @param modelId - With or without `openai:`.
 * @returns `undefined` where it is not known, as for every model that is not OpenAI's.
 */
export function priceOf(modelId: string): Price | undefined {
  const name = modelId.replace(/^openai:/, "").replace(/-\d{4}-\d{2}-\d{2}$/, "");
  return Object.hasOwn(PRICES, name) ? PRICES[name] : undefined;
}
