import type { Range, Spend, SpendEstimate } from "@pka/harness";
import { count } from "./format.js";

/** An amount of US dollars; cents where it is one or more. */
export function dollars(usd: number): string {
  return `$${usd === 0 ? "0" : usd < 1 ? usd.toFixed(4) : usd.toFixed(2)}`;
}

/** What a run has used, in words; `undefined` where there is nothing to tell: no price, and no request that may have been billed. */
export function describeSpend(spend: Spend): string | undefined {
  const { promptTokens, cachedPromptTokens, completionTokens, reasoningTokens, uncounted, costUsd, possiblyBilled } =
    spend;
  if (costUsd === null && possiblyBilled === 0) return undefined;
  const cached = cachedPromptTokens > 0 ? ` (${count(cachedPromptTokens)} cached)` : "";
  const reasoning = reasoningTokens > 0 ? ` (${count(reasoningTokens)} reasoning)` : "";
  const parts = [
    ...(costUsd === null ? [] : [dollars(costUsd)]),
    `${count(promptTokens)} prompt tokens${cached}, ${count(completionTokens)} completion tokens${reasoning}`,
  ];
  if (uncounted > 0) parts.push(`${count(uncounted)} answers whose tokens were not counted`);
  if (possiblyBilled > 0) parts.push(`at most ${count(possiblyBilled)} more requests billed without an answer`);
  return parts.join("; ");
}

/** What is still to be asked and what it will take, with what that rests on. */
export function describeEstimate(estimate: SpendEstimate): string {
  const { questions, promptTokens, completionTokens, costUsd, basis, numAnswers } = estimate;
  if (questions === 0) return "nothing left to ask";
  const tokens = `${range(promptTokens, roughly)} prompt and ${range(completionTokens, roughly)} completion tokens`;
  const cost = costUsd === null ? "" : `, ${range(costUsd, dollars)}`;
  return `${count(questions)} to ask: ${tokens}${cost} (${basisOf(basis, numAnswers, completionTokens)})`;
}

/** `low` to `high`; from `low` where there is no end. */
export function range({ low, high }: Range, format: (value: number) => string): string {
  if (high === null) return `${format(low)} or more`;
  const [from, to] = [format(low), format(high)];
  return from === to ? from : `${from} to ${to}`;
}

/** Three digits say all that an estimate knows. */
function roughly(value: number): string {
  return count(Number(value.toPrecision(3)));
}

function basisOf(basis: SpendEstimate["basis"], numAnswers: number, { high }: Range): string {
  if (basis === "answers") return `from ${count(numAnswers)} answers so far`;
  if (high === null)
    return "from the prompts' length; no answers yet that tell how long they are, and no limit: try --limit 20";
  return "from the prompts' length and the most an answer may take";
}
