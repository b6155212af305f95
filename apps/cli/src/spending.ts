import { existsSync, readFileSync } from "node:fs";
import { messageOf, UsageError } from "@pka/core";
import { Budget } from "@pka/harness";
import { parsePrices, type Price, priceOf, type PriceTable } from "@pka/models";
import { readEnvironment } from "./environment.js";

/** The flags about money. */
export interface SpendingOptions {
  readonly budgetUsd?: number;
  readonly budgetTokens?: number;
  readonly prices?: string;
}

/** What the model's tokens cost, where that is known, and the cap of the whole command, where there is one. */
export interface Spending {
  readonly price: Price | undefined;
  readonly budget: Budget | undefined;
}

/** @throws UsageError for a price file that is none, and for a cap in dollars without a price: a cap that cannot be kept is none. */
export function spendingOf(options: SpendingOptions & { readonly model: string }): Spending {
  const { model, budgetUsd: usd, budgetTokens: tokens } = options;
  const price = priceOf(model, ownPrices(options.prices));
  if (usd !== undefined && price === undefined) {
    throw new UsageError(
      `--budget-usd needs a model whose price is known; ${model} has none: give it with --prices <file>`,
    );
  }
  return { price, budget: usd === undefined && tokens === undefined ? undefined : new Budget({ usd, tokens }) };
}

/** From the file given, or the user's own where there is one. */
function ownPrices(file: string | undefined): PriceTable {
  const path = file ?? readEnvironment().priceFile;
  if (file === undefined && !existsSync(path)) return {};
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`--prices ${path}: ${messageOf(error)}`);
  }
  return parsePrices(text, path);
}

/** For the documents of `--json`. */
export function spendingFields({ price, budget }: Spending): object {
  const spent = budget && { ...budget.limits, spentUsd: price && budget.spentUsd, spentTokens: budget.spentTokens };
  return { price: price ?? null, budget: spent ?? null };
}
