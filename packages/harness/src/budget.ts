import { checkNumber } from "./check-number.js";
import type { Spend } from "./ledger.js";

/** Caps, of which at least one is given. */
export interface BudgetLimits {
  /** US dollars, > 0. Every run that shares the budget needs a price. */
  readonly usd?: number | undefined;
  /** Prompt and completion tokens, cached ones included; an integer ≥ 1. */
  readonly tokens?: number | undefined;
}

/**
 * A cap that any number of runs share: datasets, conditions, judges. What a run has spent counts with all its processes, from its
 * journal; `count` may be called before it starts. Once a cap is reached, no run launches another question.
 */
export class Budget {
  readonly limits: BudgetLimits;
  readonly #spent = new Map<string, Spend>();

  /** @throws UsageError for a cap that is none. */
  constructor(limits: BudgetLimits) {
    checkNumber("budget.usd", limits.usd, (value) => value > 0, "a number > 0");
    checkNumber("budget.tokens", limits.tokens, (value) => Number.isSafeInteger(value) && value >= 1, "an integer ≥ 1");
    this.limits = limits;
  }

  /** What a run has spent in all. @param journalPath - Names the run; what was known of it is replaced. */
  count(journalPath: string, spend: Spend): void {
    this.#spent.set(journalPath, spend);
  }

  get spentUsd(): number {
    return this.#sum(({ costUsd }) => costUsd ?? 0);
  }

  get spentTokens(): number {
    return this.#sum(({ promptTokens, completionTokens }) => promptTokens + completionTokens);
  }

  /** Why nothing more may be asked; `undefined` while something may. */
  get reason(): string | undefined {
    const { usd = Infinity, tokens = Infinity } = this.limits;
    const { spentUsd, spentTokens } = this;
    if (spentUsd >= usd) {
      return `the budget of ${usd} US dollars is spent (${spentUsd.toFixed(spentUsd < 1 ? 4 : 2)} so far)`;
    }
    if (spentTokens < tokens) return undefined;
    return `the budget of ${tokens.toLocaleString("en")} tokens is spent (${spentTokens.toLocaleString("en")} so far)`;
  }

  #sum(amount: (spend: Spend) => number): number {
    let sum = 0;
    for (const spend of this.#spent.values()) sum += amount(spend);
    return sum;
  }
}
