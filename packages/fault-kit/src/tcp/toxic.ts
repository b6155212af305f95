import type { Socket } from "node:net";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { Random } from "@pka/core";

/**
 * What a network does to the bytes of one direction of one connection, by the names that toxiproxy made common:
 * `latency` everything comes `ms` ± `jitterMs` later · `bandwidth` at most that many bytes a second · `slow_close` the end comes `ms`
 * later · `timeout` nothing comes through, and after `ms` the connection is closed (0 = never) · `reset_peer` the connection is reset
 * `ms` after its first byte, whatever came through · `slicer` in pieces of `bytes` (`random`: of 1 to `bytes`), each a packet of its own,
 * `delayMs` apart · `limit_data` closed after that many bytes, or with `reset` reset.
 */
export type Toxic =
  | { readonly type: "latency"; readonly ms: number; readonly jitterMs?: number }
  | { readonly type: "bandwidth"; readonly bytesPerSecond: number }
  | { readonly type: "slow_close"; readonly ms: number }
  | { readonly type: "timeout"; readonly ms: number }
  | { readonly type: "reset_peer"; readonly ms: number }
  | { readonly type: "slicer"; readonly bytes: number; readonly random?: boolean; readonly delayMs?: number }
  | { readonly type: "limit_data"; readonly bytes: number; readonly reset?: boolean };

/** One direction of one connection. */
export interface Flow {
  readonly from: Socket;
  readonly to: Socket;
  readonly random: Random;
  /** Closes or resets both sides. */
  readonly end: (how: "close" | "reset") => void;
}

/** Bytes in, bytes out: the async generators that toxics are can be strung together. */
type Bytes = AsyncIterable<Buffer>;

/** Applies `toxics` in their order to whatever `flow.from` sends, and passes the end on as an end. */
export async function pour(flow: Flow, toxics: readonly Toxic[]): Promise<void> {
  const { from, to } = flow;
  const through = toxics.reduce<Bytes>((bytes, toxic) => apply(toxic, bytes, flow), from as Bytes);
  for await (const piece of through) {
    if (to.destroyed) return;
    if (!to.write(piece)) await drained(to);
  }
  to.end();
}

async function* apply(toxic: Toxic, bytes: Bytes, { random, end }: Flow): AsyncGenerator<Buffer> {
  switch (toxic.type) {
    case "latency": {
      const { ms, jitterMs = 0 } = toxic;
      for await (const piece of bytes) {
        await sleep(Math.max(0, ms + jitterMs * (2 * random.next() - 1)));
        yield piece;
      }
      return;
    }
    case "bandwidth":
      for await (const piece of bytes) {
        await sleep((1000 * piece.length) / toxic.bytesPerSecond);
        yield piece;
      }
      return;
    case "slow_close":
      yield* bytes;
      await sleep(toxic.ms);
      return;
    case "timeout":
      if (toxic.ms > 0) setTimeout(() => end("close"), toxic.ms);
      for await (const _ of bytes);
      return;
    case "reset_peer": {
      let isSet = false;
      for await (const piece of bytes) {
        if (!isSet) setTimeout(() => end("reset"), toxic.ms);
        isSet = true;
        yield piece;
      }
      return;
    }
    case "slicer":
      for await (const piece of bytes) {
        for (let at = 0; at < piece.length;) {
          const length = toxic.random ? 1 + random.integer(toxic.bytes) : toxic.bytes;
          yield piece.subarray(at, at + length);
          at += length;
          // A turn of the event loop, so that the kernel sees two writes.
          await (toxic.delayMs === undefined ? nextTurn() : sleep(toxic.delayMs));
        }
      }
      return;
    case "limit_data": {
      let left = toxic.bytes;
      for await (const piece of bytes) {
        if (left > 0) yield piece.subarray(0, left);
        left -= piece.length;
        if (left > 0) continue;
        // What was written before must reach the other side first.
        await sleep(5);
        end(toxic.reset ? "reset" : "close");
        return;
      }
    }
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once("drain", resolve);
    socket.once("close", () => resolve());
  });
}
