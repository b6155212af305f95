import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { Random } from "@pka/core";
import { pour, type Toxic } from "./toxic.js";

/** Toxics of one connection, per direction. */
export interface Toxics {
  /** On what the client sends. */
  readonly upstream?: readonly Toxic[];
  /** On what the server sends. */
  readonly downstream?: readonly Toxic[];
}

export interface TcpProxyOptions {
  /** A URL, of which host and port are used: where connections go. */
  readonly upstream: string;
  /** Decides every draw, the nth connection's always the same. Default 0. */
  readonly seed?: number;
  /** What the nth connection meets, from 0 on. Default nothing. */
  readonly toxics?: Toxics | ((nth: number, random: Random) => Toxics);
}

export interface TcpProxy {
  /** The upstream URL with this proxy's port. */
  readonly url: string;
  readonly numConnections: number;
  /** Resets every connection that is open now. */
  resetAll(): void;
  close(): Promise<void>;
}

/** A proxy on the loopback interface that knows nothing of HTTP: what it does to packets, networks do. */
export async function startTcpProxy({ upstream, seed = 0, toxics = {} }: TcpProxyOptions): Promise<TcpProxy> {
  const target = new URL(upstream);
  const open = new Set<Socket>();
  let numConnections = 0;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const nth = numConnections;
    numConnections += 1;
    const random = new Random(seed, nth);
    const { upstream: sent = [], downstream: received = [] } =
      typeof toxics === "function" ? toxics(nth, random) : toxics;
    const peer = connect({
      host: target.hostname,
      port: Number(target.port || 80),
      allowHalfOpen: true,
      noDelay: true,
    });
    const end = (how: "close" | "reset") => {
      for (const socket of [client, peer]) {
        if (how === "reset") socket.resetAndDestroy();
        else socket.destroy();
      }
    };
    for (const socket of [client, peer]) {
      open.add(socket);
      socket.on("close", () => open.delete(socket));
      socket.on("error", () => end("reset"));
    }
    // A socket that was destroyed under its reader: `end` has seen to the other one.
    void pour({ from: client, to: peer, random, end }, sent).catch(() => undefined);
    void pour({ from: peer, to: client, random, end }, received).catch(() => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(target);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href.replace(/\/$/, target.pathname === "/" ? "" : "/"),
    get numConnections() {
      return numConnections;
    },
    resetAll() {
      for (const socket of open) socket.resetAndDestroy();
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
