import { quote } from "@pka/core";
import type { ServerNotes } from "./failure-of-reply.js";
import { RequestFailure } from "./request-failure.js";

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

/** An error of `fetch`, or of reading a reply's body, as a failure. */
export function failureOfConnection(error: unknown, { baseUrl, serverHint, redact }: ServerNotes): RequestFailure {
  const { code, message, syscall } = rootCause(error);
  // The same codes end a connection over which a request was sent.
  const reason = syscall === "read" || syscall === "write" ? undefined : UNREACHED[code];
  if (reason !== undefined) {
    return new RequestFailure(`no server answers at ${baseUrl} (${reason}): ${serverHint}`, {
      kind: "connection",
      isRefusal: true,
    });
  }
  if (/CERT|TLS|SSL/.test(code)) {
    return new RequestFailure(
      `no secure connection to ${baseUrl} (${code}): check the URL and the server's certificate`,
      {
        kind: "connection",
        isRetryable: false,
      },
    );
  }
  return new RequestFailure(
    `the connection to ${baseUrl} was lost before the whole answer came (${quote(redact(code || message))})`,
    {
      kind: "connection",
      mayHaveRun: true,
    },
  );
}

/** `fetch` wraps what happened in errors that say only "fetch failed" or "terminated". */
function rootCause(error: unknown): { code: string; message: string; syscall: string | undefined } {
  let current = error;
  while (current instanceof Error && current.cause instanceof Error) current = current.cause;
  if (!(current instanceof Error)) return { code: "", message: String(current), syscall: undefined };
  const { code = "", syscall, message }: NodeJS.ErrnoException = current;
  return { code, message, syscall };
}
