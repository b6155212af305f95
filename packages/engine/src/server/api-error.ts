import { PkaError } from "@pka/core";
import type { RequestFailedResponse } from "@pka/tinker/wire";
import { CheckpointError } from "../errors.js";

/** A request that is refused at once, with an HTTP status. */
export class ApiError extends PkaError {
  readonly code = "server_api";

  constructor(
    readonly status: 400 | 401 | 403 | 404 | 410 | 413 | 415 | 422 | 429 | 503,
    message: string,
    /** For how long to hold back, of a 429. */
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
  }
}

/** Errors that whoever sent the request can do something about. */
const USER_CODES: readonly string[] = [
  "server_api",
  "usage",
  "engine_input",
  "checkpoint_invalid",
  "tinker_wire_format",
];

function isUserError(error: unknown): error is PkaError {
  return PkaError.isInstance(error) && USER_CODES.includes(error.code);
}

/** The error as a client is told it: without paths of this machine, and without the inside of what was not foreseen. */
export function messageFor(error: unknown): string {
  if (error instanceof CheckpointError) return `the checkpoint does not fit: ${error.field}: ${error.problem}`;
  return PkaError.isInstance(error) ? error.message : "the server failed; its log says why";
}

/** What a future that failed for good says. */
export function failureOf(error: unknown): RequestFailedResponse {
  return { error: messageFor(error), category: isUserError(error) ? "user" : "server" };
}
