import { afterAll, beforeAll, expect, test } from "vitest";
import { CANARIES, COMMANDS, leaksOf, secretsIn, startEchoServer } from "./testing/canary.js";

let server: Awaited<ReturnType<typeof startEchoServer>>;
beforeAll(async () => {
  server = await startEchoServer();
});
afterAll(() => server.close());

test("what looks for canaries finds them", () => {
  const key = CANARIES.TINKER_API_KEY;
  const bases = ["", "a", "ab", "abc"].map((before) => Buffer.from(`${before}${key}.`).toString("base64"));
  for (const form of [key, encodeURIComponent(`:${key}`), ...bases]) {
    expect(secretsIn(`x ${form} y`)).toEqual(["canarytinker6c0b4d2e8f"]);
  }
  expect(secretsIn("no canary here")).toEqual([]);
});

// Every command with every status and shape: faults/canary.faults.test.ts.
const COMMON = ["eval openai", "eval vllm", "refine", "tinker runs", "datasets"] as const;

test.each([
  { status: 200, shape: "answer", commands: COMMON },
  { status: 400, shape: "api error", commands: [...COMMON, "eval tinker", "train rl", "doctor"] as const },
] as const)(
  "no key in anything said or written when a server echoes it: $status, $shape",
  async (echo) => {
    server.echo = echo;
    server.reached.clear();
    const commands: (keyof typeof COMMANDS)[] = [...echo.commands];
    const leaks: string[] = [];
    const work = async () => {
      for (let command = commands.pop(); command; command = commands.pop()) {
        leaks.push(...(await leaksOf(command, server.url)));
      }
    };
    await Promise.all([work(), work(), work()]);
    expect(leaks).toEqual([]);
    // The keys did reach it; the one for Weights & Biases is for nobody.
    expect(server.reached.size).toBe(4);
  },
  120_000,
);
