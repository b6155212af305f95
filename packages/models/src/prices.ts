import { parseModelId } from "./model-id.js";

/** What tokens of a model cost, in US dollars per million. */
export interface Price {
  /** Prompt tokens; on Tinker prefill. */
  readonly inputPerMillion: number;
  /** Prompt tokens that the provider had in its cache. Absent = not known, and then they are counted as the others. */
  readonly cachedInputPerMillion?: number;
  /** Completion tokens, reasoning included; on Tinker sampling. */
  readonly outputPerMillion: number;
  /** Tokens trained on, forward and backward; Tinker. */
  readonly trainPerMillion?: number;
  /** Day on which the price was read, `YYYY-MM-DD`. */
  readonly asOf: string;
  /** Where it stood. */
  readonly source: string;
}

/** Prices by model id. */
export type PriceTable = Readonly<Record<string, Price>>;

const OPENAI = "public lists, which agree, made from https://developers.openai.com/api/docs/pricing";
const TINKER = "public lists, which agree, made from https://tinker-docs.thinkingmachines.ai/tinker/models/";

/** Prompt tokens from Tinker's cache cost a fifth. */
const tinkerPrice = (prefill: number, sample: number, train: number): Price => ({
  inputPerMillion: prefill,
  cachedInputPerMillion: Number((prefill / 5).toPrecision(6)),
  outputPerMillion: sample,
  trainPerMillion: train,
  asOf: "2026-09-30",
  source: TINKER,
});

/** List prices of the standard tier, without discounts for volume or batches. A model that is not here has no known price. */
export const PRICES: PriceTable = {
  "gpt-5.2": {
    inputPerMillion: 1.75,
    cachedInputPerMillion: 0.175,
    outputPerMillion: 14,
    asOf: "2026-11-26",
    source: OPENAI,
  },
  "openai:gpt-5-mini": {
    inputPerMillion: 0.25,
    cachedInputPerMillion: 0.025,
    outputPerMillion: 2,
    asOf: "2026-11-26",
    source: "https://developers.openai.com/api/docs/models/gpt-5-mini",
  },
  "openai:gpt-5-nano": {
    inputPerMillion: 0.05,
    cachedInputPerMillion: 0.005,
    outputPerMillion: 0.4,
    asOf: "2026-11-26",
    source: OPENAI,
  },
  "gpt-oss-20b": tinkerPrice(0.18, 0.45, 0.396),
  "tinker:openai/gpt-oss-120b": tinkerPrice(0.33, 0.84, 0.737),
  "tinker:Qwen/Qwen3-8B": tinkerPrice(0.195, 0.6, 0.44),
  "tinker:Qwen/Qwen3.5-4B": tinkerPrice(0.33, 1.005, 0.737),
  "tinker:Qwen/Qwen3.5-9B": tinkerPrice(0.66, 1.995, 1.463),
  "tinker:Qwen/Qwen3.6-35B-A3B": tinkerPrice(0.54, 1.335, 1.177),
};

/**
 * What a model costs. A dated snapshot (`openai:gpt-5-mini-2025-08-07`) costs what its model does, unless it has a row of its own.
 *
 * @param modelId - As `--model` takes it.
 * @param own - Prices that come before the table's: the user's.
 * @returns `undefined` where it is not known. Models on this machine have no price either, unless `own` gives them one.
 */
export function priceOf(modelId: string, own: PriceTable = {}): Price | undefined {
  const id = idOf(modelId);
  if (id === undefined) return undefined;
  const undated = idOf(id.replace(/^((?:openai:)?gpt-.*)-\d{4}-\d{2}-\d{2}$/, "$1")) ?? id;
  for (const table of [own, PRICES]) {
    for (const name of [id, undated]) if (Object.hasOwn(table, name)) return table[name];
  }
  return undefined;
}

/** In its one spelling; `undefined` for an id that means no model. */
function idOf(modelId: string): string | undefined {
  try {
    return parseModelId(modelId).id;
  } catch {
    return undefined;
  }
}
