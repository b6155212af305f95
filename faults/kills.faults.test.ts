import { readFileSync } from "node:fs";
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "@pka/core";
import { type OpenaiStub, startOpenaiStub } from "@pka/fault-kit";
import { readJournal } from "@pka/harness";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PKA, run, start } from "./run-pka.js";
import { SEED } from "./seed.js";

const CONCURRENCY = 16;
const NAME = "nq_vllm-stub_no_cues_with_thinking.json";

let folder: string;
let server: OpenaiStub;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pka-kills-"));
  await mkdir(join(folder, "NQ"));
  const rows = Array.from({ length: 6000 }, (_, i) => JSON.stringify({ question: `q${i}`, answer: [`a${i % 3}`] }));
  await writeFile(join(folder, "NQ", "NQ-open.dev.jsonl"), `${rows.join("\n")}\n`);
  const answer = (prompt: string) => ({ text: `Hm.</think><answer>a${prompt.length % 3}</answer>` });
  server = await startOpenaiStub({ model: "stub", delayMs: 50, answer });
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const CASES = [
  { signal: "SIGKILL", twice: false, times: 50, questions: 6000 },
  { signal: "SIGINT", twice: false, times: 20, questions: 4000 },
  { signal: "SIGINT", twice: true, times: 20, questions: 4000 },
  { signal: "SIGTERM", twice: false, times: 20, questions: 4000 },
  { signal: "SIGTERM", twice: true, times: 20, questions: 4000 },
] as const;

test.skipIf(process.platform === "win32").for(CASES)(
  "$times × $signal (twice: $twice) over $questions questions: nothing lost, nothing twice, at most what was in flight asked again",
  async ({ signal, twice, times, questions }, { annotate }) => {
    const random = new Random(SEED, `${signal} ${twice}`);
    const model = ["--model", "vllm:stub", "--renderer", "r1", "--base-url", server.baseUrl];
    const rows = ["--dataset", "nq", "--data-dir", folder, "--limit", String(questions)];
    const how = [...model, ...rows, "--concurrency", String(CONCURRENCY)];
    const command = (outputDir: string) => [...PKA, "eval", ...how, "--output-dir", join(folder, outputDir)];
    const name = `${signal}-${twice}`;
    const before = server.prompts.length;
    const ends: number[] = [];
    for (let i = 0; i < times; i++) {
      const asked = server.prompts.length;
      const { process: pka, exited, said } = start(command(name));
      while (server.prompts.length === asked && pka.exitCode === null) await sleep(1);
      await sleep(80 + random.integer(500));
      const sentAt = performance.now();
      pka.kill(signal);
      if (twice) {
        await said(/Stopping/);
        pka.kill(signal);
      }
      expect((await exited).exitCode).toBe(signal === "SIGKILL" ? null : 130);
      ends.push(performance.now() - sentAt);
    }
    expect((await run(command(name))).exitCode).toBe(0);

    const asked = server.prompts.slice(before);
    expect(new Set(asked).size).toBe(questions);
    const again = asked.length - questions;
    const isHard = signal === "SIGKILL" || twice;
    expect(again).toBeLessThanOrEqual(isHard ? CONCURRENCY * times : 0);
    const ids: string[] = [];
    for await (const record of readJournal(join(folder, name, `${NAME}l`))) if ("id" in record) ids.push(record.id);
    expect({ records: ids.length, rows: new Set(ids).size }).toEqual({ records: questions, rows: questions });

    expect((await run(command(`${name}-undisturbed`))).exitCode).toBe(0);
    const result = readFileSync(join(folder, name, NAME));
    expect(result.equals(readFileSync(join(folder, `${name}-undisturbed`, NAME)))).toBe(true);
    const p95 = ends.toSorted((a, b) => a - b)[Math.ceil(ends.length * 0.95) - 1]!;
    await annotate(
      `${times} × ${signal}${twice ? " twice" : ""}, seed ${SEED}: 0 of ${questions} lost, 0 recorded twice, ` +
        `${again} asked again (${isHard ? CONCURRENCY * times : 0} allowed), ended within ${p95.toFixed(0)} ms (p95)`,
      "figure",
    );
  },
);
