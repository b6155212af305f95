import { costUsd, countTokens, type Price } from "./cost.js";
import type { AttemptRecord, StartRecord } from "./journal/record.js";
import { Moments } from "./moments.js";

/** What a run has used, over all its processes. */
export interface Spend {
  readonly promptTokens: number;
  /** The part of `promptTokens` that the provider had in its cache, where it says. */
  readonly cachedPromptTokens: number;
  /** Thinking, answer and markup. */
  readonly completionTokens: number;
  /** The part of `completionTokens` spent on thinking, where the provider says. */
  readonly reasoningTokens: number;
  /** Completions of which the provider did not say how many tokens they took: they are in no sum. */
  readonly uncounted: number;
  /** US dollars for the tokens above; `null` without a price. */
  readonly costUsd: number | null;
  /**
   * Requests that may have been carried out, and charged, although no answer came: the connection was lost, the answer could not be
   * read, the process ended while they were on their way. In no sum, since nobody said what they took. At most; 0 for a local model.
   */
  readonly possiblyBilled: number;
}

/**
 * Adds up the records of one journal: those of earlier processes as they are read, then those of this one as they are written.
 * A `start` without an attempt behind it is a question whose end nobody saw.
 */
export class Ledger {
  readonly price: Price | undefined;
  /** Of completions with counted tokens. */
  readonly promptTokens = new Moments();
  readonly completionTokens = new Moments();
  /** By row: starts whose attempt has not come. */
  readonly #open = new Map<string, number>();
  #numOpen = 0;
  #numLost = 0;
  #cachedPromptTokens = 0;
  #reasoningTokens = 0;
  #uncounted = 0;
  #costUsd = 0;

  constructor(price?: Price) {
    this.price = price;
  }

  /** A question is asked. */
  start({ row, sample }: Pick<StartRecord, "row" | "sample">): void {
    const key = `${sample} ${row}`;
    this.#open.set(key, (this.#open.get(key) ?? 0) + 1);
    this.#numOpen += 1;
  }

  /** One that was asked has come to an end. */
  finish({ id, sample, completion, error }: AttemptRecord): void {
    const key = `${sample} ${id}`;
    const open = this.#open.get(key);
    if (open !== undefined) {
      this.#numOpen -= 1;
      if (open === 1) this.#open.delete(key);
      else this.#open.set(key, open - 1);
    }
    this.#numLost += completion?.possiblyBilled ?? error?.possiblyBilled ?? 0;
    if (completion === undefined) return;
    const tokens = countTokens(completion.usage);
    if (tokens === undefined) {
      this.#uncounted += 1;
      return;
    }
    this.promptTokens.add(tokens.prompt);
    this.completionTokens.add(tokens.completion);
    this.#cachedPromptTokens += tokens.cached;
    this.#reasoningTokens += completion.usage.reasoningTokens ?? 0;
    if (this.price !== undefined) this.#costUsd += costUsd(tokens, this.price);
  }

  /** Times that a row was asked without anybody seeing the end. */
  unanswered(id: string, sample: number): number {
    return this.#open.size === 0 ? 0 : (this.#open.get(`${sample} ${id}`) ?? 0);
  }

  /** @param inFlight - Questions that this process is waiting for: nothing is known against them. */
  spend(inFlight = 0): Spend {
    return {
      promptTokens: this.promptTokens.sum,
      cachedPromptTokens: this.#cachedPromptTokens,
      completionTokens: this.completionTokens.sum,
      reasoningTokens: this.#reasoningTokens,
      uncounted: this.#uncounted,
      costUsd: this.price === undefined ? null : this.#costUsd,
      possiblyBilled: this.#numOpen - inFlight + this.#numLost,
    };
  }
}
