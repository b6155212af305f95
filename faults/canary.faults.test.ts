import { Random } from "@pka/core";
import { expect, test } from "vitest";
import { COMMANDS, leaksOf, SHAPES, startEchoServer, STATUSES } from "../apps/cli/src/testing/canary.js";
import { SEED } from "./seed.js";

/** So many of the paths, drawn with the seed. Default: all of them, about 1,100 processes. */
const NUM_PATHS = Number(process.env["PKA_CANARY_PATHS"] ?? Number.POSITIVE_INFINITY);
const NUM_PROCESSES = 4;

test("D1: no key in anything said or written, whatever a server that echoes it answers", async ({ annotate }) => {
  const names = Object.keys(COMMANDS) as (keyof typeof COMMANDS)[];
  const all = STATUSES.flatMap((status) =>
    SHAPES.flatMap((shape) => names.map((command) => ({ status, shape, command }))),
  );
  const paths = new Random(SEED).shuffle(all).slice(0, NUM_PATHS);
  const numPaths = paths.length;
  const leaks: string[] = [];
  const work = async () => {
    const server = await startEchoServer();
    for (let path = paths.pop(); path; path = paths.pop()) {
      server.echo = path;
      const found = await leaksOf(path.command, server.url);
      leaks.push(...found.map((leak) => `${path.status} ${path.shape}, ${leak}`));
    }
    await server.close();
  };
  await Promise.all(Array.from({ length: NUM_PROCESSES }, work));
  await annotate(
    `${leaks.length} of ${numPaths} paths leak a key (of ${all.length} there are; seed ${SEED})`,
    "figure",
  );
  expect(leaks).toEqual([]);
}, 3_600_000);
