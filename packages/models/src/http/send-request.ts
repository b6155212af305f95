import type { Dispatcher } from "undici";
import type { Ending } from "./with-deadline.js";

/** Whatever a server answered, read to its end. */
export interface RawReply {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** `undefined` when it was too long, and then the connection is closed. */
  readonly body: Buffer | undefined;
}

/**
 * Sends one request and collects the reply. Through undici's lowest interface: the streams and signals of the others take longer
 * than the rest of a request.
 *
 * @throws undici's error when no whole reply came; any error when `ending` came first, and then the connection is closed.
 */
export function sendRequest(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  { maxBytes, ending }: { readonly maxBytes: number; readonly ending: Ending },
): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    // Made when it is needed: the stack of an error takes longer than all else here.
    const stopped = () => new Error("the request was stopped");
    let controller: Dispatcher.DispatchController | undefined;
    ending.onCome(() => {
      reject(stopped());
      controller?.abort(stopped());
    });
    if (ending.hasCome) return;

    let status = 0;
    let headers: RawReply["headers"] = {};
    let numBytes = 0;
    const chunks: Buffer[] = [];
    dispatcher.dispatch(request, {
      onRequestStart(started) {
        controller = started;
        if (ending.hasCome) controller.abort(stopped());
      },
      onResponseStart(_, statusCode, replyHeaders) {
        status = statusCode;
        headers = replyHeaders;
      },
      onResponseData(receiving, chunk) {
        numBytes += chunk.length;
        chunks.push(chunk);
        if (numBytes <= maxBytes) return;
        resolve({ status, headers, body: undefined });
        receiving.abort(new Error("the reply is too long"));
      },
      onResponseEnd() {
        resolve({ status, headers, body: chunks.length === 1 ? chunks[0] : Buffer.concat(chunks) });
      },
      onResponseError(_, error) {
        reject(error);
      },
    });
  });
}
