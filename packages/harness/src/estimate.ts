import { costUsd, type Price } from "./cost.js";
import type { Moments } from "./moments.js";

/** Between two numbers; `high` is `null` where nothing limits it. */
export interface Range {
  readonly low: number;
  readonly high: number | null;
}

/** What limits the answer to one question. */
export interface AnswerLimits {
  /** Where a second request carries the first answer, its longest; else absent. */
  readonly maxRepeatedTokens?: number | undefined;
  /** Absent where the model has no limit of its own. */
  readonly maxCompletionTokens?: number | undefined;
}

/** What is known of one question's tokens before it is asked. */
export interface ExpectedTokens extends AnswerLimits {
  /** Of the whole prompt, as near as it can be told without its tokenizer. */
  readonly promptCharacters: number;
}

/** What questions will take, between two ends. */
export interface SpendEstimate {
  /** Questions that have no answer yet; retries are not in it. */
  readonly questions: number;
  readonly promptTokens: Range;
  readonly completionTokens: Range;
  /** `null` without a price. */
  readonly costUsd: Range | null;
  /** `answers`: what earlier answers took. `limits`: the prompts' length, and the most that an answer may take. */
  readonly basis: "answers" | "limits";
  /** Answers that `answers` rests on, else 0. */
  readonly numAnswers: number;
}

/** Fewer answers say too little of how long the others will be. */
const MIN_ANSWERS = 10;
/** English text has about 4 characters per token: fewer with names and figures, more with plain words. */
const CHARACTERS_PER_TOKEN = { low: 2.5, high: 6 };
const STANDARD_ERRORS = 2;

/** @param answers - Tokens of answers to like questions by the same model under the same condition. */
export function estimateSpend(options: {
  readonly questions: readonly ExpectedTokens[];
  readonly answers?: { readonly promptTokens: Moments; readonly completionTokens: Moments } | undefined;
  readonly price?: Price | undefined;
}): SpendEstimate {
  const { questions, answers, price } = options;
  const numAnswers = answers?.completionTokens.count ?? 0;
  const isKnown = answers !== undefined && numAnswers >= MIN_ANSWERS;
  const promptTokens = isKnown ? predict(answers.promptTokens, questions.length) : promptRange(questions);
  const completionTokens = isKnown ? predict(answers.completionTokens, questions.length) : completionRange(questions);
  return {
    questions: questions.length,
    promptTokens,
    completionTokens,
    costUsd: price === undefined ? null : costRange(promptTokens, completionTokens, price),
    basis: isKnown ? "answers" : "limits",
    numAnswers: isKnown ? numAnswers : 0,
  };
}

/** The sum of n more draws, from the mean and variance of m. */
function predict({ count, mean, variance }: Moments, n: number): Range {
  const spread = STANDARD_ERRORS * Math.sqrt(variance * n * (1 + n / count));
  return { low: Math.max(0, Math.round(n * mean - spread)), high: Math.round(n * mean + spread) };
}

function promptRange(questions: readonly ExpectedTokens[]): Range {
  let characters = 0;
  let repeated = 0;
  for (const { promptCharacters, maxRepeatedTokens = 0 } of questions) {
    characters += promptCharacters;
    repeated += maxRepeatedTokens + (maxRepeatedTokens > 0 ? promptCharacters / CHARACTERS_PER_TOKEN.low : 0);
  }
  const { low, high } = CHARACTERS_PER_TOKEN;
  return { low: Math.round(characters / high), high: Math.round(characters / low + repeated) };
}

function completionRange(questions: readonly ExpectedTokens[]): Range {
  let high: number | null = 0;
  for (const { maxCompletionTokens } of questions) {
    high = maxCompletionTokens === undefined || high === null ? null : high + maxCompletionTokens;
  }
  return { low: questions.length, high };
}

/** From all prompts cached to none. */
function costRange(prompt: Range, completion: Range, price: Price): Range {
  const low = costUsd({ prompt: prompt.low, cached: prompt.low, completion: completion.low }, price);
  if (prompt.high === null || completion.high === null) return { low, high: null };
  return { low, high: costUsd({ prompt: prompt.high, cached: 0, completion: completion.high }, price) };
}
