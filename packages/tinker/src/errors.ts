import { messageOf, ModelError, PkaError } from "@pka/core";
import type { FailureCategory } from "./wire/future-messages.js";

/**
 * The service refused a request, could not be reached, or answered something unreadable. `kind` says what a caller can do about it.
 * No `cause` from the HTTP layer, whose objects can hold request headers.
 */
export class TinkerError extends ModelError {}

/**
 * The service took a request, worked on it, and says that it failed: `category` `user` for an input that cannot be worked on,
 * `server` for a fault of the service.
 */
export class TinkerRequestFailedError extends TinkerError {
  readonly category: FailureCategory;

  constructor(message: string, options: { readonly category: FailureCategory; readonly requestId: string }) {
    const { category, requestId } = options;
    super(message, { kind: category === "user" ? "invalid-request" : "overloaded", requestId });
    this.category = category;
  }
}

/** The service took a request and no longer has its result (410). Whether it was carried out is not known. */
export class TinkerResultLostError extends TinkerError {}

/**
 * A request before this one was never taken, so that this one would train on a state that its caller did not mean.
 * The training client is done for: open a new one, from the last checkpoint. `cause` is what happened to the earlier request.
 */
export class TrainingInterruptedError extends TinkerError {
  constructor(earlier: unknown) {
    const reason = messageOf(earlier);
    super(`an earlier request of this training client failed, so this one was not sent: ${reason}`, {
      kind: earlier instanceof ModelError ? earlier.kind : "invalid-request",
      cause: earlier,
    });
  }
}

/** A call's data cannot be sent: arrays of different lengths, a weight that is not a number, an empty batch. Nothing was sent. */
export class TinkerInputError extends PkaError {
  readonly code = "tinker_input";
}
