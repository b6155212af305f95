import type { Outcome } from "@pka/core";
import type { Budget } from "./budget.js";
import { countTokens } from "./cost.js";
import type { AttemptRecord, RecordedError } from "./journal/record.js";

/** So many attempts without one usable answer are no accident: a wrong URL, a model that cannot do the task, a dead server. */
const HOPELESS = 20;
const UNUSABLE: ReadonlySet<Outcome> = new Set(["error", "empty", "refused", "unparsed"]);
/** Rows that are asked again may well refuse again. */
const UNUSABLE_AGAIN: ReadonlySet<Outcome> = new Set(["error"]);

/**
 * Decides from the attempts of one process, in the order in which they finish, when going on is pointless or unwanted:
 *
 * - an error says that no other request can succeed either;
 * - the first 20 give no usable answer, or every row of a smaller dataset is an error;
 * - 20 in a row fail in the same way, later on;
 * - `maxErrors` have failed;
 * - the budget is spent, or cannot be watched.
 */
export class StopRules {
  /** So many errors without a single answer mean the same as 20. */
  readonly #allErrors: number;
  readonly #unusable: ReadonlySet<Outcome>;
  readonly #maxErrors: number;
  readonly #budget: Budget | undefined;
  readonly #messages = new Map<string, number>();
  #reason: string | undefined;
  #finished = 0;
  #errors = 0;
  #anyUsable = false;
  #lastError: string | undefined;
  #sameErrors = 0;

  constructor(options: {
    /** Rows that are done already. */
    readonly resumed: number;
    /** Rows that this process is going to ask. */
    readonly numToAsk: number;
    /** They have been asked before and are asked again because of what came out. */
    readonly isRetry: boolean;
    readonly maxErrors: number | undefined;
    /** Knows what earlier processes and other runs have spent. */
    readonly budget: Budget | undefined;
  }) {
    // Where others got an answer, the last few rows may fail for reasons of their own.
    this.#allErrors = options.resumed > 0 ? HOPELESS : Math.min(HOPELESS, options.numToAsk);
    this.#unusable = options.isRetry ? UNUSABLE_AGAIN : UNUSABLE;
    this.#maxErrors = options.maxErrors ?? Number.POSITIVE_INFINITY;
    this.#budget = options.budget;
    if (options.numToAsk > 0) this.#reason = options.budget?.reason;
  }

  /** Why to launch no more questions; `undefined` while there is no reason. */
  get reason(): string | undefined {
    return this.#reason;
  }

  get errors(): number {
    return this.#errors;
  }

  /** Take one finished attempt into account, which the budget knows of already. */
  observe(record: AttemptRecord, isFatal: boolean): void {
    const { outcome, error, completion } = record;
    this.#finished += 1;
    this.#anyUsable ||= !this.#unusable.has(outcome);
    if (!this.#anyUsable) {
      const message = error === undefined ? `the answer is ${outcome}` : error.message;
      this.#messages.set(message, (this.#messages.get(message) ?? 0) + 1);
    }
    if (error !== undefined) this.#errors += 1;
    this.#sameErrors = error === undefined ? 0 : errorKey(error) === this.#lastError ? this.#sameErrors + 1 : 1;
    this.#lastError = error && errorKey(error);
    const isCostUnknown = this.#budget && completion && countTokens(completion.usage) === undefined;

    if (isFatal) this.#reason ??= `no other question can succeed either: ${error?.message}`;
    this.#reason ??= this.#hopelessReason();
    if (this.#sameErrors >= HOPELESS) {
      this.#reason ??= `${this.#sameErrors} questions in a row failed in the same way: ${error?.message}`;
    }
    if (this.#errors >= this.#maxErrors)
      this.#reason ??= `${this.#errors} questions failed, the last with: ${error?.message}`;
    if (isCostUnknown)
      this.#reason ??= "the budget cannot be watched: the provider does not say how many tokens it used";
    this.#reason ??= this.#budget?.reason;
  }

  #hopelessReason(): string | undefined {
    const isHopeless =
      !this.#anyUsable &&
      (this.#finished === HOPELESS || (this.#finished === this.#allErrors && this.#errors === this.#allErrors));
    if (!isHopeless) return undefined;
    const messages = [...this.#messages]
      .slice(0, 3)
      .map(([message, times]) => `${message} (${times} of ${this.#finished})`);
    return `no usable answer to the first ${this.#finished} questions: ${messages.join("; ")}`;
  }
}

/** Equal for errors of one cause, whose messages may differ by a request id or a question. */
export function errorKey({ kind, status, message }: RecordedError): string {
  return kind === "unexpected" ? message : `${kind} ${status ?? ""}`;
}
