import { messageOf, UsageError } from "@pka/core";
import { z } from "zod";
import { parseModelId } from "./model-id.js";
import type { Price, PriceTable } from "./prices.js";

const dollars = z.number().nonnegative();
const priceSchema = z.strictObject({
  input_per_million: dollars,
  cached_input_per_million: dollars.optional(),
  output_per_million: dollars,
  train_per_million: dollars.optional(),
  as_of: z.iso.date().optional(),
  source: z.string().optional(),
});
const fileSchema = z.strictObject({
  as_of: z.iso.date().optional(),
  source: z.string().optional(),
  prices: z.record(z.string(), priceSchema),
});

/**
 * A price file: `{ "as_of": "2026-11-26", "prices": { "vllm:org/name": { "input_per_million": 0.1, "output_per_million": 0.4 } } }`.
 * Amounts are US dollars; `cached_input_per_million`, `train_per_million`, `as_of` and `source` of a price may be left out.
 *
 * @param text - Its content.
 * @param path - For messages, and as the source of prices that name none.
 * @throws UsageError naming the file, the model and the field.
 */
export function parsePrices(text: string, path: string): PriceTable {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path} is not JSON: ${messageOf(error)}`);
  }
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success) {
    const [{ path: at, message }] = parsed.error.issues as [z.core.$ZodIssue];
    throw new UsageError(`${path}: ${at.length === 0 ? "" : `${at.map(String).join(" > ")}: `}${message}`);
  }
  const { as_of, source, prices } = parsed.data;
  const table = new Map<string, Price>();
  for (const [name, price] of Object.entries(prices)) {
    const id = canonicalId(name, path);
    if (table.has(id)) throw new UsageError(`${path}: prices > ${name}: ${id} has a price already`);
    const { cached_input_per_million: cached, train_per_million: train } = price;
    table.set(id, {
      inputPerMillion: price.input_per_million,
      ...(cached !== undefined && { cachedInputPerMillion: cached }),
      outputPerMillion: price.output_per_million,
      ...(train !== undefined && { trainPerMillion: train }),
      asOf: price.as_of ?? as_of ?? "not said",
      source: price.source ?? source ?? path,
    });
  }
  return Object.fromEntries(table);
}

function canonicalId(name: string, path: string): string {
  try {
    return parseModelId(name).id;
  } catch (error) {
    throw new UsageError(`${path}: prices > ${name}: ${messageOf(error)}`);
  }
}
