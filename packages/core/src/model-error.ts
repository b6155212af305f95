import { PkaError } from "./errors.js";

/**
 * What a caller can do about a failed request:
 * `auth` check the key · `not-found` check model id and URL · `invalid-request` change the request · `quota` pay or wait
 * `rate-limit`, `overloaded`, `connection`, `timeout` try again later · `bad-reply` the answer could not be read.
 */
export type ModelErrorKind =
  | "auth"
  | "not-found"
  | "invalid-request"
  | "quota"
  | "rate-limit"
  | "overloaded"
  | "connection"
  | "timeout"
  | "bad-reply";

const RETRYABLE: ReadonlySet<ModelErrorKind> = new Set([
  "rate-limit",
  "overloaded",
  "connection",
  "timeout",
  "bad-reply",
]);
/** Kinds after which the provider may have done the work all the same. */
const UNCERTAIN: ReadonlySet<ModelErrorKind> = new Set(["connection", "timeout", "bad-reply"]);
const FATAL: ReadonlySet<ModelErrorKind> = new Set(["auth", "not-found", "quota"]);

/** A model could not answer. Messages never hold credentials. */
export class ModelError extends PkaError {
  readonly code = "model_error";
  readonly kind: ModelErrorKind;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  /** Requests made before giving up. */
  readonly attempts: number;
  /** The part of `attempts` that may have been carried out, and charged, all the same. */
  readonly possiblyBilled: number;

  constructor(
    message: string,
    options: {
      readonly kind: ModelErrorKind;
      readonly status?: number | undefined;
      readonly requestId?: string | undefined;
      readonly attempts?: number | undefined;
      /** Default: 1 after a lost connection, a timeout or an unreadable reply, else 0. */
      readonly possiblyBilled?: number | undefined;
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: options.cause });
    this.kind = options.kind;
    this.status = options.status;
    this.requestId = options.requestId;
    this.attempts = options.attempts ?? 1;
    this.possiblyBilled = options.possiblyBilled ?? (UNCERTAIN.has(options.kind) ? 1 : 0);
  }

  /** The same request may succeed later. */
  get isRetryable(): boolean {
    return RETRYABLE.has(this.kind);
  }

  /** No other request of this run can succeed either: a wrong key, an unknown model, an empty account. */
  get isFatal(): boolean {
    return FATAL.has(this.kind);
  }
}
