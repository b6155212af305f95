import { expect, test } from "vitest";
import { COMMANDS, leaksOf, SHAPES, startEchoServer, STATUSES } from "../apps/cli/src/testing/canary.js";

const PROCESSES = 4;

test("D1: no key in anything said or written, whatever a server that echoes it answers", async ({ annotate }) => {
  const leaks: string[] = [];
  let numPaths = 0;
  for (const status of STATUSES) {
    for (const shape of SHAPES) {
      const server = await startEchoServer();
      server.echo = { status, shape };
      const commands = Object.keys(COMMANDS) as (keyof typeof COMMANDS)[];
      const work = async () => {
        for (let command = commands.pop(); command; command = commands.pop()) {
          numPaths += 1;
          const found = await leaksOf(command, server.url);
          leaks.push(...found.map((leak) => `${status} ${shape}, ${leak}`));
        }
      };
      await Promise.all(Array.from({ length: PROCESSES }, work));
      await server.close();
    }
  }
  await annotate(`${leaks.length} of ${numPaths} paths leak a key`, "figure");
  expect(leaks).toEqual([]);
}, 3_600_000);
