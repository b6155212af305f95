import { ModelError, type ModelErrorKind } from "@pka/core";

/** Why one request failed and what that means for the next one. Becomes a `ModelError` when no retry is left. */
export class RequestFailure extends Error {
  readonly kind: ModelErrorKind;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  /** The server has no capacity or is not there: nobody should ask it now. */
  readonly isRefusal: boolean;
  /** The server may have done the work, and charged for it. */
  readonly mayHaveRun: boolean;
  /** The same request can succeed later. */
  readonly isRetryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    options: {
      readonly kind: ModelErrorKind;
      readonly status?: number | undefined;
      readonly requestId?: string | undefined;
      readonly isRefusal?: boolean;
      readonly mayHaveRun?: boolean;
      /** What the server or the cause says about retrying. Default: what `kind` says. */
      readonly isRetryable?: boolean | undefined;
      readonly retryAfterMs?: number | undefined;
    },
  ) {
    super(message);
    this.kind = options.kind;
    this.status = options.status;
    this.requestId = options.requestId;
    this.isRefusal = options.isRefusal ?? false;
    this.mayHaveRun = options.mayHaveRun ?? false;
    this.isRetryable = options.isRetryable ?? new ModelError(message, options).isRetryable;
    this.retryAfterMs = options.retryAfterMs;
  }

  /**
   * No `cause`: objects of the HTTP layer can hold request headers. What they say is in the message.
   * @param redact - Takes the key out of the message, which may quote a server that echoed it.
   */
  toModelError(attempts: number, possiblyBilled: number, redact: (text: string) => string): ModelError {
    const { kind, status, requestId } = this;
    const suffix = attempts > 1 ? ` (after ${attempts} attempts)` : "";
    return new ModelError(redact(this.message) + suffix, {
      kind,
      status,
      requestId,
      attempts,
      possiblyBilled,
    });
  }
}
