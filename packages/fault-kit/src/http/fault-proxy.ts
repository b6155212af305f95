import { createHash } from "node:crypto";
import { Agent, createServer, type IncomingHttpHeaders, request as send, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { Random } from "@pka/core";

/**
 * What goes wrong with a request.
 * Never carried out: `drop` closes the connection, `half` lets the server see half of the request, `refuse` answers 408, 429, 500, 502 or
 * 503 in its place. Carried out: `delay` comes later, `duplicate` twice at once, `straggle` when the client has already lost its
 * connection and sends it again, `echo` once more after it was answered. Carried out, and the reply is lost: `reset` before its first byte,
 * `cut` in its middle, `shorten` ends there as if it were whole, `page` gives a web page with status 200 in its place; the last two never at `client/config`, where they mean that the address is wrong.
 */
export const FAULTS = [
  "drop",
  "half",
  "refuse",
  "delay",
  "duplicate",
  "straggle",
  "echo",
  "reset",
  "cut",
  "shorten",
  "page",
] as const;

type FaultName = (typeof FAULTS)[number];

export interface FaultProxyOptions {
  /** Where requests go. */
  readonly upstream: string;
  /** The nth request to a path meets the same fault with the same seed. */
  readonly seed: number;
  /** Share of requests that meet a fault. Default 0.4. */
  readonly rate?: number | undefined;
  /** Fields that replace the server's in its answer to `client/config`. */
  readonly config?: object | undefined;
}

export interface FaultProxy {
  readonly url: string;
  /** How often each fault was met. */
  readonly met: Readonly<Record<FaultName, number>>;
  /** Resolves when also the stragglers are through. */
  close(): Promise<void>;
}

interface Incoming {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A request gets through at the third attempt at the latest, so that runs end. */
const MAX_IN_A_ROW = 2;
const PAGE = "<!doctype html><html><body><h1>Bad gateway</h1></body></html>";
const REFUSALS = [408, 429, 500, 502, 503] as const;

/** A proxy on the loopback interface that fails as networks and gateways do. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const met = Object.fromEntries(FAULTS.map((name) => [name, 0])) as Record<FaultName, number>;
  const agent = new Agent({ keepAlive: true });
  const faults = new FaultPlan(options);
  const forward = async (incoming: Incoming): Promise<Answer> => {
    const answer = await exchange(options.upstream, incoming, agent);
    return incoming.path.endsWith("/client/config") ? amended(answer, options.config) : answer;
  };
  const stragglers = new Set<Promise<unknown>>();
  const later = (ms: number, incoming: Incoming): void => {
    // Nobody reads its answer, whatever it is.
    const straggler = wait(ms).then(() => forward(incoming).catch(() => undefined));
    stragglers.add(straggler);
    void straggler.then(() => stragglers.delete(straggler));
  };

  const handle = async (incoming: Incoming, outgoing: ServerResponse): Promise<void> => {
    const { fault, random } = faults.next(incoming);
    if (fault) met[fault] += 1;
    switch (fault) {
      case "drop":
        return hangUp(outgoing);
      case "half":
        await sendHalf(options.upstream, incoming);
        return hangUp(outgoing);
      case "refuse":
        return reply(outgoing, refusal(random));
      case "straggle":
        later(random.integer(60), incoming);
        return hangUp(outgoing);
      default:
    }
    if (fault === "delay") await wait(random.integer(60));
    const copy = fault === "duplicate" ? forward(incoming).catch(() => undefined) : undefined;
    const answer = await forward(incoming);
    await copy;
    const half = answer.body.subarray(0, Math.floor(answer.body.length / 2));
    switch (fault) {
      case "reset":
        return hangUp(outgoing);
      case "cut":
        // With the length of the whole, so that it is seen to be missing.
        outgoing.writeHead(answer.status, { ...ownHeaders(answer), "content-length": answer.body.length + 1 });
        outgoing.write(half, () => hangUp(outgoing));
        return;
      case "shorten":
        return reply(outgoing, { ...answer, body: half });
      case "page":
        return reply(outgoing, { status: 200, headers: { "content-type": "text/html" }, body: Buffer.from(PAGE) });
      case "echo":
        later(random.integer(60), incoming);
        return reply(outgoing, answer);
      default:
        return reply(outgoing, answer);
    }
  };

  const server = createServer((request, outgoing) => {
    const { method = "GET", url: path = "/", headers } = request;
    outgoing.on("error", () => undefined);
    void buffer(request)
      .then((body) => handle({ method, path, headers, body }, outgoing))
      // The client or the server hung up.
      .catch(() => hangUp(outgoing));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    met,
    async close() {
      await Promise.all(stragglers);
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      agent.destroy();
    },
  };
}

/** Which request meets which fault. */
class FaultPlan {
  readonly #seed: number;
  readonly #rate: number;
  readonly #numTo = new Map<string, number>();
  readonly #inARow = new Map<string, number>();

  constructor({ seed, rate = 0.4 }: FaultProxyOptions) {
    this.#seed = seed;
    this.#rate = rate;
  }

  next({ method, path, body }: Incoming): { readonly fault: FaultName | undefined; readonly random: Random } {
    // Ids of sessions and models are new in every run.
    const route = `${method} ${path.replace(/[0-9a-f-]{36}[^/]*/g, "")}`;
    const nth = this.#numTo.get(route) ?? 0;
    this.#numTo.set(route, nth + 1);
    const random = new Random(this.#seed, `${route} ${nth}`);
    const attempt = createHash("sha256").update(`${method} ${path} `).update(body).digest("hex");
    const inARow = this.#inARow.get(attempt) ?? 0;
    const isHit = random.next() < this.#rate && inARow < MAX_IN_A_ROW;
    this.#inARow.set(attempt, isHit ? inARow + 1 : 0);
    const possible = path.endsWith("/client/config") ? FAULTS.slice(0, -2) : FAULTS;
    return { fault: isHit ? random.pick(possible) : undefined, random };
  }
}

function exchange(upstream: string, { method, path, headers, body }: Incoming, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { host: _, connection: __, ...others } = headers;
    const outgoing = send(`${upstream}${path}`, { method, headers: others, agent }, (response) => {
      buffer(response).then(
        (whole) => resolve({ status: response.statusCode!, headers: response.headers, body: whole }),
        reject,
      );
    });
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}

/** Head and half of the body, and then nothing more. */
function sendHalf(upstream: string, { method, path, headers, body }: Incoming): Promise<void> {
  return new Promise((resolve) => {
    const { host: _, connection: __, ...others } = headers;
    const lengths = { "content-length": Math.max(2, body.length) };
    const outgoing = send(`${upstream}${path}`, { method, headers: { ...others, ...lengths }, agent: false });
    outgoing.once("error", () => resolve());
    outgoing.once("close", () => resolve());
    outgoing.write(body.subarray(0, Math.max(1, Math.floor(body.length / 2))), () => outgoing.destroy());
  });
}

function amended(answer: Answer, config: object | undefined): Answer {
  if (!config || answer.status !== 200) return answer;
  const json = { ...(JSON.parse(answer.body.toString()) as object), ...config };
  return { ...answer, body: Buffer.from(JSON.stringify(json)) };
}

function refusal(random: Random): Answer {
  const status = random.pick(REFUSALS);
  const isPage = random.next() < 0.5;
  const text = isPage ? PAGE : JSON.stringify({ detail: "come back later" });
  const headers = {
    "content-type": isPage ? "text/html" : "application/json",
    ...(random.next() < 0.3 && { "retry-after": "1" }),
  };
  return { status, headers, body: Buffer.from(text) };
}

function reply(outgoing: ServerResponse, answer: Answer): void {
  const hasBody = answer.status !== 204;
  outgoing.writeHead(answer.status, {
    ...ownHeaders(answer),
    ...(hasBody && { "content-length": answer.body.length }),
  });
  outgoing.end(hasBody ? answer.body : undefined);
}

/** Without those of the connection that it came over. */
function ownHeaders({ headers }: Answer): IncomingHttpHeaders {
  const { connection: _, "keep-alive": __, "transfer-encoding": ___, "content-length": ____, ...own } = headers;
  return own;
}

function hangUp(outgoing: ServerResponse): void {
  outgoing.socket?.resetAndDestroy();
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
