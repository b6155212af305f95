import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { WandbFileSink } from "./wandb-file.js";

const BLOCK = 32_768;

/** The records of an offline run, put together from their chunks. wandb's own reader does the same in conformance/training. */
function records(path: string): Buffer[] {
  const [name] = readdirSync(path).filter((file) => file.endsWith(".wandb"));
  const bytes = readFileSync(join(path, name!));
  expect(bytes.subarray(0, 7).toString("latin1")).toBe(":W&B\u00e1\u00be\0");
  const found: Buffer[] = [];
  let parts: Buffer[] = [];
  for (let at = 7; at < bytes.length;) {
    const space = BLOCK - (at % BLOCK);
    if (space < 7) {
      expect(bytes.subarray(at, at + space).every((byte) => byte === 0)).toBe(true);
      at += space;
      continue;
    }
    const length = bytes.readUInt16LE(at + 4);
    const type = bytes[at + 6]!;
    const data = bytes.subarray(at + 7, at + 7 + length);
    expect(length).toBeLessThanOrEqual(space - 7);
    expect(bytes.readUInt32LE(at)).toBe(crc32(Buffer.concat([Buffer.of(type), data])));
    // 1 whole · 2 first · 3 middle · 4 last
    expect(type === 1 || type === 2).toBe(parts.length === 0);
    parts.push(data);
    if (type === 1 || type === 4) {
      found.push(Buffer.concat(parts));
      parts = [];
    }
    at += 7 + length;
  }
  expect(parts).toEqual([]);
  return found;
}

test("an offline run holds header, run, a row and its summary per step however long, exit and footer", () => {
  const folder = temporaryFolder();
  const sink = new WandbFileSink({ folder, project: "triviaqa-rl", name: "one", config: { seed: 6 } });
  const many = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`metric/${i}`, i / 3]));
  for (let step = 0; step < 5; step++) sink.log(step, { ...many, broken: Number.NaN });
  sink.close();
  const found = records(sink.path);
  expect(found).toHaveLength(14);
  expect(found[1]!.includes("triviaqa-rl")).toBe(true);
  // A record of more than two blocks came back whole.
  expect(found[4]!.length).toBeGreaterThan(2 * BLOCK);
  expect(found[4]!.includes("metric/2999")).toBe(true);
  expect(found[4]!.includes("broken")).toBe(false);
});

test("every process of a run has the same run id", () => {
  const folder = temporaryFolder();
  const ids = [1, 2].map(() => {
    const sink = new WandbFileSink({ folder, project: "p", name: "n", config: {} });
    sink.close();
    return sink.path.split("-").at(-1);
  });
  expect(ids[0]).toBe(ids[1]);
});
