import { failedConnection, quote } from "@pka/core";
import type { ServerNotes } from "./failure-of-reply.js";
import { RequestFailure } from "./request-failure.js";

/** An error of `fetch`, or of reading a reply's body, as a failure. */
export function failureOfConnection(error: unknown, { baseUrl, serverHint, redact }: ServerNotes): RequestFailure {
  const { code, message, unreached } = failedConnection(error);
  if (unreached !== undefined) {
    return new RequestFailure(`no server answers at ${baseUrl} (${unreached}): ${serverHint}`, {
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
