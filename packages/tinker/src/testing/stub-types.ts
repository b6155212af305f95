import type { IncomingHttpHeaders } from "node:http";
import type { ForwardBackwardOutput } from "../wire/forward-backward-output.js";
import type { SampleResponse } from "../wire/sample-response.js";

/** A request as the stub saw it. */
export interface SeenRequest {
  readonly method: string;
  /** Below `/api/v1`, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The parsed body, where it is JSON. */
  readonly json: any; // oxlint-disable-line typescript/no-explicit-any -- whatever the client sent
}

/**
 * What goes wrong with a request: `drop` the connection before or after it was carried out, `cut` the answer in its middle, answer
 * something else `instead` (of carrying it out), answer it after `delayMs`, or never (`hang`).
 */
export type Fault =
  | { readonly drop: "before" | "after" }
  | { readonly cut: true }
  | { readonly instead: StubAnswer }
  | { readonly delayMs: number }
  | { readonly hang: true };

/** What the stub answers: an object in JSON, a result in protobuf, or text as it is. */
export interface StubAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly json?: unknown;
  readonly text?: string;
  readonly bytes?: Buffer;
  readonly pass?: ForwardBackwardOutput;
  readonly sample?: SampleResponse;
}

export interface StubOptions {
  /** What `client/config` says; `undefined` = it says 404. Default `{}`. */
  readonly config?: object | undefined;
  /** Polls that are answered 408 before a result is given. Default 1. */
  readonly pendingPolls?: number;
  /** Answer results in JSON. */
  readonly jsonResults?: boolean;
  /** What goes wrong with the `nth` request to its path, from 0 on. */
  readonly fault?: (request: SeenRequest, nth: number) => Fault | undefined;
  /** Answers that differ from the stub's own. */
  readonly answer?: (request: SeenRequest, nth: number) => StubAnswer | undefined;
}
