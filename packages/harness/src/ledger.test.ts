import { expect, test } from "vitest";
import type { AttemptRecord } from "./journal/record.js";
import { Ledger } from "./ledger.js";

const attempt = (id: string, more: Partial<AttemptRecord> = {}): AttemptRecord => ({
  type: "attempt",
  id,
  hash: "h",
  sample: 0,
  attempt: 1,
  outcome: "answered",
  startedAt: "2026-01-01T00:00:00.000Z",
  elapsedMs: 1,
  ...more,
});

const completion = (usage: NonNullable<AttemptRecord["completion"]>["usage"], possiblyBilled?: number) => ({
  completion: {
    text: "x",
    finishReason: "stop" as const,
    usage,
    numTokens: 1,
    attempts: 1,
    ...(possiblyBilled !== undefined && { possiblyBilled }),
  },
});

test("tokens are summed, cached ones cost their own price, and what was not counted is in no sum", () => {
  const ledger = new Ledger({ inputPerMillion: 2, cachedInputPerMillion: 0.5, outputPerMillion: 10 });
  const usage = { promptTokens: 100, cachedPromptTokens: 40, completionTokens: 30, reasoningTokens: 20 };
  ledger.finish(attempt("a", completion(usage)));
  // Servers that give the total only.
  ledger.finish(attempt("b", completion({ totalTokens: 50, completionTokens: 10 })));
  ledger.finish(attempt("c", completion({ totalTokens: 50 })));
  expect(ledger.spend()).toEqual({
    promptTokens: 140,
    cachedPromptTokens: 40,
    completionTokens: 40,
    reasoningTokens: 20,
    uncounted: 1,
    // 60 and 40 tokens at 2, 40 at 0.5, 40 at 10 dollars per million.
    costUsd: (200 + 20 + 400) / 1e6,
    possiblyBilled: 0,
  });
});

test("without a price of cached tokens they cost what the others do, and without any price nothing is said", () => {
  const usage = { promptTokens: 100, cachedPromptTokens: 40, completionTokens: 30 };
  const [priced, unpriced] = [new Ledger({ inputPerMillion: 2, outputPerMillion: 10 }), new Ledger()];
  for (const ledger of [priced, unpriced]) ledger.finish(attempt("a", completion(usage)));
  expect(priced.spend().costUsd).toBeCloseTo(500e-6, 12);
  expect(unpriced.spend().costUsd).toBeNull();
});

test("a start without an attempt behind it was possibly billed, unless it is in flight", () => {
  const ledger = new Ledger();
  for (const row of ["a", "b", "c"]) ledger.start({ row, sample: 0 });
  ledger.finish(attempt("a"));
  expect(ledger.spend(2).possiblyBilled).toBe(0);
  expect(ledger.spend().possiblyBilled).toBe(2);
  // The next process asks b again and gets an answer, and then dies with c on its way once more.
  ledger.start({ row: "b", sample: 0 });
  ledger.finish(attempt("b"));
  ledger.start({ row: "c", sample: 0 });
  expect(ledger.spend().possiblyBilled).toBe(3);
  expect(["a", "b", "c"].map((row) => ledger.unanswered(row, 0))).toEqual([0, 1, 2]);
  expect(ledger.unanswered("b", 1)).toBe(0);
});

test("requests that were lost within an attempt are added, of answers and of errors", () => {
  const ledger = new Ledger();
  ledger.finish(attempt("a", completion({ promptTokens: 1, completionTokens: 1 }, 2)));
  const error = { kind: "timeout", message: "late", attempts: 3, possiblyBilled: 3 } as const;
  ledger.finish(attempt("b", { outcome: "error", error }));
  expect(ledger.spend().possiblyBilled).toBe(5);
});

test("attempts of journals that had no starts are counted all the same", () => {
  const ledger = new Ledger();
  ledger.finish(attempt("a", completion({ promptTokens: 3, completionTokens: 4 })));
  expect(ledger.spend()).toMatchObject({ promptTokens: 3, completionTokens: 4, possiblyBilled: 0 });
});
