import { errorCode } from "./error-code.js";
import { messageOf } from "./message-of.js";

/** Codes of Node and undici for a connection that was never made, so that no request was sent. */
const UNREACHED: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "the host name could not be looked up",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no network",
  ETIMEDOUT: "the connection timed out",
  UND_ERR_CONNECT_TIMEOUT: "the connection timed out",
  EMFILE: "this process has too many files and connections open: raise `ulimit -n`, or ask fewer at once",
  ENFILE: "this computer has too many files and connections open",
  EADDRNOTAVAIL: "no local port is free",
};

/** Why no whole answer came. */
export interface FailedConnection {
  /** Node's or undici's, such as `ECONNRESET`; empty where there is none. */
  readonly code: string;
  readonly message: string;
  /** Why the server was never reached, in words; `undefined` when a request may have been sent. */
  readonly unreached: string | undefined;
}

/** What an error of `fetch` or undici means, which wrap what happened in errors that say only "fetch failed" or "terminated". */
export function failedConnection(error: unknown): FailedConnection {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  const code = errorCode(cause) ?? "";
  const syscall = cause instanceof Error && "syscall" in cause ? cause.syscall : undefined;
  // The same codes end a connection over which a request was sent.
  const wasConnected = syscall === "read" || syscall === "write";
  return { code, message: messageOf(cause), unreached: wasConnected ? undefined : UNREACHED[code] };
}
