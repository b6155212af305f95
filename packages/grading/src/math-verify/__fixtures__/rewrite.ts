import type { Rewriting } from "./equivalent-rewritings.js";
import type { Random } from "@pka/core";

/** A rewriting that applies, and what it makes of the answer. */
export function rewrite(
  answer: string,
  rewritings: Readonly<Record<string, Rewriting>>,
  random: Random,
): { readonly kind: string; readonly rewritten: string } | undefined {
  for (const [kind, rewriting] of random.shuffle(Object.entries(rewritings))) {
    const rewritten = rewriting(answer, random);
    if (rewritten !== undefined && rewritten.trim() !== answer.trim()) return { kind, rewritten };
  }
  return undefined;
}
