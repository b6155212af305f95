import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { EXIT } from "./exit-codes.js";
import { runPka } from "./testing/run-pka.js";

const folder = mkdtempSync(join(tmpdir(), "pka-addresses-"));
afterAll(() => rmSync(folder, { recursive: true }));
const SECRET = join(folder, "secret.json");
writeFileSync(SECRET, '{"data": [{"id": "m"}], "canary": "content-of-the-file"}');

const RESULT = join(folder, "nq_gpt52_no_cues.json");
const row = { question: "q", ground_truth: ["a"], extracted_prediction: "a" };
writeFileSync(RESULT, JSON.stringify({ results: [row] }));

const FORBIDDEN = [
  pathToFileURL(SECRET).href,
  SECRET,
  "ftp://127.0.0.1/x",
  "data:application/json,{}",
  "javascript:alert(1)",
  "http://user:content-of-the-file@127.0.0.1:9/v1",
];
const outputDir = join(folder, "out");
const evaluate = ["eval", "--dataset", "smallworld", "--limit", "1", "--output-dir", outputDir];
const key = { OPENAI_API_KEY: "sk-not-a-key-0000000000", TINKER_API_KEY: "tml-not-a-key-000000000" };

/** What `pka doctor` asks besides. */
const NOWHERE = Object.fromEntries(
  ["OPENAI_BASE_URL", "TINKER_BASE_URL", "HF_ENDPOINT"].map((name) => [name, "http://127.0.0.1:9"]),
);

/** Every way by which an address gets in. */
const ENTRIES: Readonly<Record<string, (address: string) => { args: string[]; env?: Record<string, string> }>> = {
  "eval --base-url": (address) => ({ args: [...evaluate, "--model", "vllm:m", "--base-url", address] }),
  "refine --base-url": (address) => ({
    args: ["refine", "--target-files", RESULT, "--model", "vllm:m", "--base-url", address],
  }),
  "train --base-url": (address) => ({ args: ["train", "sft", "--base-url", address, "--log-path", outputDir] }),
  "doctor --base-url": (address) => ({ args: ["doctor", "--base-url", address], env: NOWHERE }),
  "tinker --base-url": (address) => ({ args: ["tinker", "runs", "--base-url", address] }),
  VLLM_BASE_URL: (address) => ({ args: [...evaluate, "--model", "vllm:m"], env: { VLLM_BASE_URL: address } }),
  OPENAI_BASE_URL: (address) => ({ args: [...evaluate, "--model", "gpt-5.2"], env: { OPENAI_BASE_URL: address } }),
  TINKER_BASE_URL: (address) => ({ args: ["tinker", "runs"], env: { TINKER_BASE_URL: address } }),
  HF_ENDPOINT: (address) => ({
    args: ["eval", "--model", "tiny", "--dataset", "hotpotqa", "--output-dir", outputDir],
    env: { HF_ENDPOINT: address, HF_HUB_OFFLINE: "0", HF_HOME: join(folder, "hub") },
  }),
};

test.each(Object.keys(ENTRIES))("%s takes http and https without a password, and nothing else", async (entry) => {
  const runs = await Promise.all(
    FORBIDDEN.map(async (address) => {
      const { args, env = {} } = ENTRIES[entry]!(address);
      return { address, ...(await runPka(args, { ...key, ...env })) };
    }),
  );
  for (const { address, exitCode, stdout, stderr } of runs) {
    expect.soft({ address, exitCode, said: stdout + stderr }).toMatchObject({
      exitCode: expect.toSatisfy((code) => code === EXIT.usage || code === EXIT.failed),
      said: expect.stringMatching(/http|base URL|password/),
    });
    expect.soft(stdout + stderr, address).not.toContain("content-of-the-file");
  }
  expect(readdirSync(folder).toSorted()).toEqual(["nq_gpt52_no_cues.json", "secret.json"]);
});
