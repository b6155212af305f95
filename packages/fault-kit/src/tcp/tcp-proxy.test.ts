import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { serve } from "../http/serve.js";
import { startTcpProxy, type TcpProxy, type TcpProxyOptions } from "./tcp-proxy.js";

const TEXT = `${"Ünïcödé ∑ 🙂 ".repeat(40)}end`;

async function proxyTo(toxics: TcpProxyOptions["toxics"], seed?: number): Promise<TcpProxy> {
  const server = await serve([{ body: TEXT }]);
  const proxy = await startTcpProxy({ upstream: server.url, ...(toxics && { toxics }), ...(seed && { seed }) });
  onTestFinished(() => proxy.close());
  return proxy;
}

/** The pieces in which an answer comes, up to the end or the error of the connection. */
function piecesThrough({ url }: TcpProxy): Promise<{ pieces: Buffer[]; error: string | undefined }> {
  const { hostname, port } = new URL(url);
  const pieces: Buffer[] = [];
  return new Promise((resolve) => {
    let error: string | undefined;
    const socket = connect({ host: hostname, port: Number(port) });
    socket.write("GET /v1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    socket.on("data", (piece: Buffer) => pieces.push(piece));
    socket.on("error", (cause: NodeJS.ErrnoException) => (error = cause.code));
    socket.on("close", () => resolve({ pieces, error }));
  });
}

const get = async ({ url }: TcpProxy) => (await fetch(url, { headers: { connection: "close" } })).text();

test.each<{ name: string; toxics: TcpProxyOptions["toxics"] }>([
  { name: "nothing", toxics: {} },
  { name: "latency", toxics: { upstream: [{ type: "latency", ms: 2, jitterMs: 2 }] } },
  { name: "bandwidth", toxics: { downstream: [{ type: "bandwidth", bytesPerSecond: 1e6 }] } },
  { name: "slow_close", toxics: { downstream: [{ type: "slow_close", ms: 5 }] } },
  { name: "slicer", toxics: { downstream: [{ type: "slicer", bytes: 7, random: true }] } },
  {
    name: "both directions, strung together",
    toxics: {
      upstream: [{ type: "slicer", bytes: 1 }],
      downstream: [
        { type: "slicer", bytes: 100 },
        { type: "latency", ms: 1 },
      ],
    },
  },
])("$name leaves every byte as it was", async ({ toxics }) => {
  expect(await get(await proxyTo(toxics))).toBe(TEXT);
});

test("limit_data lets so many bytes through and closes, or resets", async () => {
  for (const reset of [false, true]) {
    const proxy = await proxyTo({ downstream: [{ type: "limit_data", bytes: 200, reset }] });
    const { pieces, error } = await piecesThrough(proxy);
    expect(Buffer.concat(pieces)).toHaveLength(200);
    expect(error).toBe(reset ? "ECONNRESET" : undefined);
  }
});

test("reset_peer resets, timeout lets nothing through", async () => {
  const reset = await proxyTo({
    upstream: [
      { type: "reset_peer", ms: 0 },
      { type: "latency", ms: 1000 },
    ],
  });
  expect(await piecesThrough(reset)).toEqual({ pieces: [], error: "ECONNRESET" });
  const silent = await proxyTo({ downstream: [{ type: "timeout", ms: 20 }] });
  expect(await piecesThrough(silent)).toEqual({ pieces: [], error: undefined });
});

test("a seed decides what is drawn, the nth connection's anew", async () => {
  const drawn = async (seed: number) => {
    const numbers: number[] = [];
    const proxy = await proxyTo((_, random) => {
      numbers.push(random.integer(1e6));
      return {};
    }, seed);
    await get(proxy);
    await get(proxy);
    expect(proxy.numConnections).toBe(2);
    return numbers;
  };
  const first = await drawn(1);
  expect(await drawn(1)).toEqual(first);
  expect(first[0]).not.toBe(first[1]);
  expect(await drawn(2)).not.toEqual(first);
});

test("resetAll cuts what is open, and the next connection is served", async () => {
  const proxy = await proxyTo((nth) => (nth === 0 ? { downstream: [{ type: "timeout", ms: 0 }] } : {}));
  const cut = piecesThrough(proxy);
  while (proxy.numConnections === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  proxy.resetAll();
  expect((await cut).error).toBe("ECONNRESET");
  expect(await get(proxy)).toBe(TEXT);
});
