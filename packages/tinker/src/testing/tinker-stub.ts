import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { encodeForwardBackwardOutput } from "../wire/forward-backward-output.js";
import { encodeSampleResponse } from "../wire/sample-response.js";
import { StubService } from "./stub-service.js";
import type { SeenRequest, StubAnswer, StubOptions } from "./stub-types.js";

export interface TinkerStub {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** What was done to models: see `StubModels`. */
  readonly applied: readonly string[];
  /** Requests to one path. */
  to(path: string): SeenRequest[];
}

/** A Tinker service on the loopback interface: the protocol is real, the model is not. It stops when the test ends. */
export async function startTinkerStub(options: StubOptions = {}): Promise<TinkerStub> {
  const requests: SeenRequest[] = [];
  const service = new StubService(options);
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const request = readRequest(incoming, Buffer.concat(chunks));
      const nth = requests.filter(({ path, method }) => path === request.path && method === request.method).length;
      requests.push(request);
      void respond(outgoing, request, nth);
    });
  });
  const respond = async (outgoing: ServerResponse, request: SeenRequest, nth: number) => {
    const fault = options.fault?.(request, nth);
    if (fault && "hang" in fault) return;
    if (fault && "drop" in fault && fault.drop === "before") outgoing.destroy();
    else if (fault && "instead" in fault) send(outgoing, fault.instead);
    else {
      const answer = options.answer?.(request, nth) ?? service.answer(request);
      if (fault && "delayMs" in fault) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
      if (fault && "drop" in fault) outgoing.destroy();
      else send(outgoing, answer, fault && "cut" in fault);
    }
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/services/stub`,
    requests,
    applied: service.models.applied,
    to: (path) => requests.filter((request) => request.path === path),
  };
}

function readRequest(incoming: IncomingMessage, body: Buffer): SeenRequest {
  const url = new URL(incoming.url ?? "/", "http://stub");
  const isJson = incoming.headers["content-type"] === "application/json" && body.length > 0;
  return {
    method: incoming.method ?? "",
    path: url.pathname.replace("/services/stub/api/v1", ""),
    query: url.searchParams,
    headers: incoming.headers,
    body,
    json: isJson ? JSON.parse(body.toString()) : undefined,
  };
}

function send(outgoing: ServerResponse, answer: StubAnswer, isCut = false): void {
  const { status = 200, headers, json, text, pass, sample } = answer;
  const protobuf = pass ? encodeForwardBackwardOutput(pass) : sample && encodeSampleResponse(sample);
  const contentType = protobuf ? "application/x-protobuf" : json === undefined ? "text/html" : "application/json";
  const bytes = answer.bytes ?? Buffer.from(protobuf ?? (json === undefined ? (text ?? "") : JSON.stringify(json)));
  const hasBody = status !== 204;
  outgoing.writeHead(status, {
    ...(hasBody && { "content-type": contentType, "content-length": String(bytes.length) }),
    ...headers,
  });
  if (isCut) outgoing.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => outgoing.destroy());
  else outgoing.end(hasBody ? bytes : undefined);
}
