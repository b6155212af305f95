import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as the stub saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The parsed body, where it is JSON. */
  readonly body: any; // oxlint-disable-line typescript/no-explicit-any -- whatever the client sent
}

/** What the stub answers: JSON for an object, else the text as it is. */
export interface StubReply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer | object;
  /** Close the connection: before anything was sent, in the middle of the body, or right after it, though keep-alive was promised. */
  readonly cut?: "at-once" | "in-body" | "after";
  /** Send the body chunked, in two packets: up to this byte, and the rest. */
  readonly splitAt?: number;
  /** Never answer. */
  readonly hang?: true;
}

export interface StubServer {
  /** Base URL, `http://127.0.0.1:<port>/v1`. */
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** The most requests that were open at one time. */
  readonly maxInFlight: number;
  close(): Promise<void>;
}

export interface StubServerOptions {
  /** Default any that is free. */
  readonly port?: number | undefined;
}

/** A real HTTP server on the loopback interface whose answers are scripted. */
export async function startStubServer(
  answer: (request: SeenRequest, index: number) => StubReply | Promise<StubReply>,
  options: StubServerOptions = {},
): Promise<StubServer> {
  const requests: SeenRequest[] = [];
  let inFlight = 0;
  let maxInFlight = 0;
  const server = createServer((incoming, outgoing) => {
    inFlight += 1;
    maxInFlight = Math.max(maxInFlight, inFlight);
    outgoing.on("close", () => (inFlight -= 1));
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      const { method = "", url: path = "", headers } = incoming;
      const isJson = headers["content-type"]?.startsWith("application/json") && text !== "";
      const request = { method, path, headers, text, body: isJson ? JSON.parse(text) : undefined };
      requests.push(request);
      void Promise.resolve(answer(request, requests.length - 1)).then((reply) => send(outgoing, reply));
    });
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    get maxInFlight() {
      return maxInFlight;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(outgoing: ServerResponse, { status = 200, headers, body = "", cut, splitAt, hang }: StubReply): void {
  if (hang) return;
  if (cut === "at-once") {
    outgoing.destroy();
    return;
  }
  const isJson = typeof body === "object" && !Buffer.isBuffer(body);
  const bytes = isJson ? Buffer.from(JSON.stringify(body)) : Buffer.from(body);
  const contentType = isJson ? { "content-type": "application/json" } : {};
  if (splitAt !== undefined) {
    outgoing.writeHead(status, { ...contentType, ...headers });
    outgoing.write(bytes.subarray(0, splitAt));
    setImmediate(() => outgoing.end(bytes.subarray(splitAt)));
    return;
  }
  outgoing.writeHead(status, { ...contentType, "content-length": String(bytes.length), ...headers });
  if (cut === "in-body") outgoing.write(bytes.subarray(0, bytes.length / 2), () => outgoing.destroy());
  else outgoing.end(bytes, () => cut === "after" && outgoing.destroy());
}
