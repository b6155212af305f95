import { UsageError } from "@pka/core";
import { expect, test } from "vitest";
import { Budget } from "./budget.js";
import type { Spend } from "./ledger.js";

const spend = (costUsd: number | null, tokens: number): Spend => ({
  promptTokens: tokens,
  cachedPromptTokens: 0,
  completionTokens: 0,
  reasoningTokens: 0,
  uncounted: 0,
  costUsd,
  possiblyBilled: 0,
});

test("what several runs have spent is one sum, and a run is counted once however often it says so", () => {
  const budget = new Budget({ usd: 1 });
  budget.count("a.jsonl", spend(0.4, 10));
  budget.count("a.jsonl", spend(0.5, 20));
  budget.count("b.jsonl", spend(0.25, 5));
  expect(budget).toMatchObject({ spentUsd: 0.75, spentTokens: 25, reason: undefined });
  budget.count("b.jsonl", spend(0.5, 5));
  expect(budget.reason).toBe("the budget of 1 US dollars is spent (1.00 so far)");
});

test("either cap stops", () => {
  const budget = new Budget({ usd: 5, tokens: 1000 });
  budget.count("a", spend(0.001, 1200));
  expect(budget.reason).toBe("the budget of 1,000 tokens is spent (1,200 so far)");
});

test.each([{ usd: 0 }, { usd: Number.NaN }, { usd: Infinity }, { tokens: 0 }, { tokens: 1.5 }])(
  "%j is no cap",
  (cap) => {
    expect(() => new Budget(cap)).toThrow(UsageError);
  },
);
