import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TinkerClient } from "@pka/tinker";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXIT } from "./exit-codes.js";
import { type PkaRun, runPka, startPka } from "./testing/run-pka.js";

const KEY = "tml-canary-5up3r53cr3t";
const GPT_OSS = "openai/gpt-oss-20b";
const folder = mkdtempSync(join(tmpdir(), "pka-eval-tinker-"));
const dataDir = join(folder, "data");

let server: PkaRun;
let env: { TINKER_API_KEY: string; TINKER_BASE_URL: string };
/** Checkpoints of the paper's model, and one of another. */
const paths = { weights: "", sampler: "", other: "", deleted: "" };

/** One problem in each part of MATH, about what the model behind the name can know. */
function writeMath(): void {
  const parts = "algebra counting_and_probability geometry intermediate_algebra number_theory prealgebra precalculus";
  for (const part of parts.split(" ")) {
    const path = join(dataDir, "hub", "datasets", "EleutherAI", "hendrycks_math", part);
    mkdirSync(path, { recursive: true });
    const columnData = [
      { name: "problem", data: ["Where does Welmira live?"], type: "STRING" as const },
      { name: "solution", data: ["In \\boxed{Velmor}."], type: "STRING" as const },
    ];
    writeFileSync(join(path, "test-00000-of-00001.parquet"), Buffer.from(parquetWriteBuffer({ columnData })));
  }
}

beforeAll(async () => {
  writeMath();
  server = startPka(["serve", "--port", "0", "--data-dir", join(folder, "server")], { PKA_API_KEY: KEY });
  await server.said(/TINKER_BASE_URL=/);
  const baseUrl = /TINKER_BASE_URL=(\S+)/.exec(server.stderr())![1]!;
  env = { TINKER_API_KEY: KEY, TINKER_BASE_URL: baseUrl };
  const client = new TinkerClient({ apiKey: KEY, baseUrl });
  const training = await client.createLoraTrainingClient({ baseModel: GPT_OSS, rank: 4 });
  paths.weights = await training.saveState("a");
  paths.sampler = await training.saveWeightsForSampler("a");
  paths.deleted = await training.saveState("b");
  await client.rest.deleteCheckpoint(paths.deleted);
  const other = await client.createLoraTrainingClient({ baseModel: "tiny", rank: 4 });
  paths.other = await other.saveState("a");
  await client.close();
}, 120_000);

afterAll(async () => {
  server.process.kill("SIGTERM");
  await server.exited;
});

const PAPER = ["--temperature", "1", "--top-p", "1", "--seed", "1"];
const args = (outputDir: string, ...more: string[]) => {
  return ["eval", "--data-dir", dataDir, "--output-dir", outputDir, ...PAPER, ...more];
};
const gptOss = (outputDir: string, ...more: string[]) => args(outputDir, "--model", "gpt-oss-20b", ...more);
const read = (outputDir: string, name: string) => JSON.parse(readFileSync(join(outputDir, name), "utf8"));
const headerOf = (outputDir: string, name: string) =>
  JSON.parse(readFileSync(join(outputDir, name), "utf8").split("\n")[0]!);

test.each([
  { thinking: "yes", checkpoint: undefined },
  { thinking: "no", checkpoint: undefined },
  { thinking: "yes", checkpoint: "weights" },
  { thinking: "no", checkpoint: "weights" },
  { thinking: "yes", checkpoint: "sampler" },
  { thinking: "no", checkpoint: "sampler" },
] as const)(
  "gpt-oss-20b answers QA and MATH: thinking $thinking, checkpoint $checkpoint",
  async ({ thinking, checkpoint }) => {
    const outputDir = join(folder, `${thinking}-${checkpoint}`);
    const name = checkpoint ? ["--checkpoint-uri", paths[checkpoint], "--inference-name", "step1"] : [];
    const datasets = ["--dataset", "smallworld", "--dataset", "math", "--limit", "6"];
    const { exitCode, stdout, stderr } = await runPka(
      gptOss(outputDir, ...datasets, "--thinking", thinking, "--json", ...name),
      env,
    );
    expect(stderr).not.toContain("warning: gpt-oss");
    expect(exitCode).toBe(EXIT.done);
    const { evaluations } = JSON.parse(stdout);
    for (const { report } of evaluations) expect(report.summary.outcomes.error).toBe(0);

    const suffix = `gptoss20b${checkpoint ? "_step1" : ""}_no_cues_${thinking === "yes" ? "with" : "no"}_thinking.json`;
    const qa = read(outputDir, `smallworld_${suffix}`);
    expect(qa.results).toHaveLength(6);
    const start = thinking === "yes" ? "<|channel|>analysis<|message|>" : "<|channel|>final<|message|>";
    for (const { raw_prediction: text, num_tokens: numTokens } of qa.results) {
      expect(text.startsWith(start)).toBe(true);
      expect(text).not.toContain("<|return|>");
      expect(numTokens).toBeGreaterThan(4);
    }
    const math = read(outputDir, `math_${suffix}`);
    expect(math.results.map(({ type }: { type: string }) => type)).toHaveLength(6);
    expect(math.results.some((row: { extracted_prediction: string | null }) => row.extracted_prediction)).toBe(true);

    const { condition } = headerOf(outputDir, `smallworld_${suffix}l`);
    expect(condition.model).toBe("gpt-oss-20b");
    expect(condition.settings).toMatchObject({
      renderer: "gpt_oss_low_reasoning",
      maxTokensMath: 4096,
      server: "other",
    });
    expect(condition.checkpoint).toEqual(checkpoint ? { uri: paths[checkpoint], name: "step1" } : null);
    expect(JSON.stringify([stdout, stderr, qa, condition])).not.toContain(KEY);
  },
  60_000,
);

test("a run goes on under the date that it was begun with, unless another is asked for", async () => {
  const outputDir = join(folder, "dated");
  const run = (...more: string[]) => runPka(gptOss(outputDir, "--dataset", "smallworld", "--json", ...more), env);
  const name = "smallworld_gptoss20b_no_cues_with_thinking.jsonl";
  expect((await run("--limit", "2", "--date", "2025-12-10")).exitCode).toBe(EXIT.done);
  expect(headerOf(outputDir, name).condition.settings.date).toBe("2025-12-10");

  const continued = await run("--limit", "4");
  expect(continued.stderr).toContain("date 2025-12-10");
  expect(JSON.parse(continued.stdout).evaluations[0].report).toMatchObject({ resumed: 2, asked: 2 });

  const refused = await run("--limit", "4", "--date", "2025-12-11");
  expect(refused.stderr).toContain('settings.date: "2025-12-10" there, "2025-12-11" now');
  expect(refused.exitCode).toBe(EXIT.failed);
}, 60_000);

test("another model of the server by its prefix, and the address by flag", async () => {
  const outputDir = join(folder, "tiny");
  const how = ["--model", "tinker:tiny", "--dataset", "smallworld", "--limit", "60", "--json"];
  const checkpoint = ["--checkpoint-uri", paths.other, "--inference-name", "a"];
  const { exitCode, stdout, stderr } = await runPka(
    args(outputDir, ...how, ...checkpoint, "--base-url", env.TINKER_BASE_URL),
    { TINKER_API_KEY: KEY },
  );
  expect(stderr).not.toContain("error");
  expect(exitCode).toBe(EXIT.done);
  // Half of the questions take one fact, and it knows these.
  const { report } = JSON.parse(stdout).evaluations[0];
  expect(report.summary.metrics.exactMatch.interval.lower).toBeGreaterThan(0.25);
}, 60_000);

test("the scripts' default sampling, which is not the paper's for gpt-oss, is a warning", async () => {
  const how = ["eval", "--model", "gpt-oss-20b", "--dataset", "smallworld", "--dry-run"];
  expect((await runPka(how)).stderr).toMatch(/temperature 0\.6 and top-p 0\.95.*--temperature 1 --top-p 1/);
  expect((await runPka([...how, "--temperature", "1", "--top-p", "1"])).stderr).toBe("");
});

test.each([
  {
    name: "no key",
    more: [],
    with: { TINKER_API_KEY: "" },
    message: /TINKER_API_KEY.*tinker-console/,
    code: EXIT.usage,
  },
  {
    name: "a wrong key",
    more: [],
    with: { TINKER_API_KEY: `${KEY}-no` },
    message: /TINKER_API_KEY/,
    code: EXIT.failed,
  },
  { name: "nobody there", more: ["--base-url", "http://127.0.0.1:9"], message: /127\.0\.0\.1:9/, code: EXIT.failed },
  { name: "two addresses", more: ["--base-url", "http://a", "--base-url", "http://b"], message: /one --base-url/ },
  {
    name: "an unknown model",
    model: "tinker:openai/gpt-oss-21b",
    message: /gpt-oss-21b.*gpt-oss-20b/,
    code: EXIT.failed,
  },
  { name: "no day", more: ["--date", "2026-02-30"], message: /such as 2026-01-31/ },
  { name: "a date for another model", model: "tiny", more: ["--date", "2026-01-31"], message: /--date is for/ },
  { name: "a format of another model", more: ["--renderer", "olmo"], message: /--renderer/ },
  {
    name: "a checkpoint without a name",
    more: ["--checkpoint-uri", "tinker://r/weights/a"],
    message: /--inference-name/,
  },
  { name: "a name without a checkpoint", more: ["--inference-name", "a"], message: /--checkpoint-uri/ },
  { name: "no path", checkpoint: () => "tinker://r/weights", message: /tinker:\/\/<training run>/ },
  { name: "exported weights", checkpoint: () => "tinker://r/external_weights/a", message: /cannot be sampled from/ },
  { name: "another model's checkpoint", checkpoint: () => paths.other, message: /of tiny, not of openai\/gpt-oss-20b/ },
  { name: "a deleted checkpoint", checkpoint: () => paths.deleted, message: /weights\/b/, code: EXIT.failed },
] as {
  name: string;
  model?: string;
  more?: string[];
  with?: Record<string, string>;
  checkpoint?: () => string;
  message: RegExp;
  code?: number;
}[])(
  "$name is said, and nothing is written",
  async (bad) => {
    const { model = "gpt-oss-20b", more = [], checkpoint, message, code = EXIT.usage } = bad;
    const outputDir = join(folder, "nothing");
    const uri = checkpoint ? ["--checkpoint-uri", checkpoint(), "--inference-name", "a"] : [];
    const how = args(outputDir, "--model", model, "--dataset", "smallworld", ...more, ...uri);
    const { exitCode, stdout, stderr } = await runPka(how, { ...env, ...bad.with });
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain(KEY);
    expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: "" });
    expect(() => readFileSync(outputDir)).toThrow("ENOENT");
  },
  30_000,
);

// Windows has no signals: there, a process is ended without being asked.
test.skipIf(process.platform === "win32")(
  "Ctrl-C ends the opening of a model whose server does not answer",
  async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const reached = new Promise((resolve) => silent.on("request", resolve));
    const { port } = silent.address() as AddressInfo;
    try {
      const base = ["--dataset", "smallworld", "--base-url", `http://127.0.0.1:${port}`];
      const run = startPka(gptOss(join(folder, "silent"), ...base), env);
      await reached;
      run.process.kill("SIGINT");
      expect((await run.exited).exitCode).toBe(EXIT.interrupted);
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  },
  60_000,
);

test("pka doctor tries the key", async () => {
  const offline = { HF_HUB_OFFLINE: "1" };
  const good = await runPka(["doctor"], { ...env, ...offline });
  expect(good.stdout).toMatch(/TINKER_API_KEY.*ok.*3 base models/);
  const bad = await runPka(["doctor"], { ...env, ...offline, TINKER_API_KEY: `${KEY}-no` });
  expect(bad.stdout).toMatch(/TINKER_API_KEY.*failed/);
  expect(bad.exitCode).toBe(EXIT.failed);
  expect(good.stdout + bad.stdout + bad.stderr).not.toContain(KEY);
});
