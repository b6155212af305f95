import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@pka/fault-kit";
import { TinkerClient } from "@pka/tinker";
import { readCheckpoints } from "@pka/training";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXIT } from "./exit-codes.js";
import { runPka, startPka } from "./testing/run-pka.js";
import { startServe } from "./testing/start-serve.js";
import { trainingMetrics } from "./testing/training-metrics.js";

const KEY = "tml-test";
const temporary = mkdtempSync(join(tmpdir(), "pka-train-http-"));
const environment = (key: string) => ({
  HF_HUB_OFFLINE: "1",
  HF_HOME: join(temporary, "hf"),
  ...(key !== "" && { TINKER_API_KEY: key }),
});

let server: Awaited<ReturnType<typeof startServe>>;
beforeAll(async () => {
  server = await startServe(join(temporary, "server"), KEY);
}, 60_000);
afterAll(async () => {
  server.process.kill("SIGTERM");
  await server.exited;
}, 60_000);

/** `{url}` is the server's address. */
const argumentsOf = (command: string, path: string) => [
  "train",
  ...command.replace("{url}", server.url).split(" "),
  "--log-path",
  path,
];
const train = (command: string, path: string, key = KEY) => runPka(argumentsOf(command, path), environment(key));
const start = (command: string, path: string) => startPka(argumentsOf(command, path), environment(KEY));
const checkpointsOf = (path: string) => readCheckpoints(join(path, "checkpoints.jsonl"));

/** Runs it until it has logged so many rows, then kills it, unless it was faster. */
async function killAfter(rows: number, command: string, path: string): Promise<void> {
  const run = start(command, path);
  const count = () => (existsSync(join(path, "metrics.jsonl")) ? trainingMetrics(path).length : 0);
  while (count() < rows && run.process.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 5));
  run.process.kill("SIGKILL");
  await run.exited;
}

const SFT = "sft --base-url {url} --dataset smallworld learning_rate=2e-3 batch_size=8 max_total_steps=14 save_every=4";
const RL =
  "rl --base-url {url} --model-name tiny --groups-per-batch 4 --group-size 4 --max-steps 5 --save-every 2 --eval-every 0";
const sftFolder = join(temporary, "sft");

test("fine-tuning of the stand-in for gpt-oss learns, leaves its checkpoints on the server, and survives a kill", async () => {
  expect(await train(SFT, sftFolder)).toMatchObject({ exitCode: EXIT.done });
  const rows = trainingMetrics(sftFolder);
  expect(rows.map(({ step }) => step)).toEqual([...Array(14).keys()]);
  const nll = rows.map((row) => Number(row["train_mean_nll"]));
  expect(nll.at(-1)).toBeLessThan(0.7 * nll[0]!);
  const saved = checkpointsOf(sftFolder);
  expect(saved.map(({ name }) => name)).toEqual(["000004", "000008", "000012", "final"]);
  const client = new TinkerClient({ baseUrl: server.url, apiKey: KEY });
  const kept = (await client.rest.listUserCheckpoints()).items.map(({ tinkerPath }) => tinkerPath);
  expect(kept).toEqual(expect.arrayContaining(saved.map(({ statePath }) => statePath)));

  const path = join(temporary, "sft-killed");
  await killAfter(6, SFT, path);
  expect(await train(SFT, path)).toMatchObject({ exitCode: EXIT.done });
  expect(trainingMetrics(path)).toEqual(rows);
  for (const name of readdirSync(path)) expect(readFileSync(join(path, name)).includes(KEY)).toBe(false);
}, 120_000);

test("reinforcement learning of tiny, interrupted by Ctrl-C and killed, ends as if nothing had happened", async () => {
  const alone = join(temporary, "rl");
  expect(await train(RL, alone)).toMatchObject({ exitCode: EXIT.done });
  const rows = trainingMetrics(alone);
  expect(rows).toHaveLength(5);
  for (const row of rows) {
    expect(row["env/all/reward/total"]).toBeGreaterThan(0);
    // Server and trainer agree on the policy.
    expect(Math.abs(Number(row["optim/kl_sample_train_v1"]))).toBeLessThan(1e-4);
  }

  const path = join(temporary, "rl-interrupted");
  const run = start(RL, path);
  await run.said(/step 1\/5/);
  run.process.kill("SIGINT");
  const { exitCode, stderr } = await run.exited;
  if (exitCode === EXIT.interrupted) expect(stderr).toMatch(/goes on from the last checkpoint/);
  await killAfter(3, RL, path);
  expect(await train(RL, path)).toMatchObject({ exitCode: EXIT.done });
  expect(trainingMetrics(path)).toEqual(rows);
}, 120_000);

test("a checkpoint that is gone is named, and without its line the run goes on from the one before", async () => {
  const path = join(temporary, "gone");
  cpSync(sftFolder, path, { recursive: true });
  const file = join(path, "checkpoints.jsonl");
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  const [before, gone] = [lines[1]!, lines[2]!.replace("/000012", "/000011")];
  writeFileSync(file, `${[lines[0], before, gone].join("\n")}\n`);
  const failed = await train(SFT, path);
  expect(failed.exitCode).toBe(EXIT.failed);
  expect(failed.stderr).toMatch(/weights\/000011 cannot be loaded[^]*delete that line/);
  expect(checkpointsOf(path)).toHaveLength(3);

  writeFileSync(file, `${[lines[0], before].join("\n")}\n`);
  expect(await train(SFT, path)).toMatchObject({ exitCode: EXIT.done });
  expect(trainingMetrics(path)).toEqual(trainingMetrics(sftFolder));
}, 120_000);

test.each([
  { name: "no key", key: "", code: EXIT.usage, message: /set TINKER_API_KEY/ },
  { name: "a wrong key", key: "tml-wrong", code: EXIT.failed, message: /401.*TINKER_API_KEY/ },
  { name: "no server", url: "{closed}", code: EXIT.failed, message: /no server answers at .* check the base URL/ },
  { name: "another address", url: "{url}/v1", code: EXIT.failed, message: /No Tinker API there: check the base URL/ },
  {
    name: "an unknown model",
    model: "openai/gpt-oss-120b",
    code: EXIT.usage,
    message: /gpt-oss-120b: the service has no such model.*openai\/gpt-oss-20b/,
  },
])(
  "$name is said before a run begins, and an earlier run stays whole",
  async (given) => {
    const { key = KEY, url = "{url}", model, code, message } = given;
    const path = join(temporary, "earlier");
    if (!existsSync(path)) cpSync(sftFolder, path, { recursive: true });
    const command = SFT.replace("{url}", url === "{closed}" ? `http://127.0.0.1:${await freePort()}` : url).replace(
      "--dataset",
      `${model ? `--model-name ${model} ` : ""}--dataset`,
    );
    const { exitCode, stdout, stderr } = await train(`${command} --behavior-if-log-dir-exists delete`, path, key);
    expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/tml-wrong|\n +at /);
    expect(trainingMetrics(path)).toEqual(trainingMetrics(sftFolder));
  },
  60_000,
);
