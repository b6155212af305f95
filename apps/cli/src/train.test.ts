import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ReportData } from "@pka/report";
import { expect, test } from "vitest";
import { EXIT } from "./exit-codes.js";
import { runPka, startPka } from "./testing/run-pka.js";
import { trainingMetrics } from "./testing/training-metrics.js";

const temporary = mkdtempSync(join(tmpdir(), "pka-train-"));
const OFFLINE = { HF_HUB_OFFLINE: "1", HF_HOME: join(temporary, "hf") };
const train = (...args: string[]) => runPka(["train", ...args], OFFLINE);

/** The paper's trajectories: a result file of gpt-oss. */
function trajectoryFile(...rows: readonly object[]): string {
  const path = join(mkdtempSync(join(temporary, "file-")), "trajectories.json");
  writeFileSync(path, JSON.stringify({ results: rows }));
  return path;
}
const completion = (thought: string, answer: string) =>
  `<|channel|>analysis<|message|>${thought}<|end|><|start|>assistant<|channel|>final<|message|><answer>${answer}</answer>`;
const recalled = trajectoryFile(
  ...Array.from({ length: 40 }, (_, i) => ({
    question: `Question ${i}?`,
    raw_prediction: completion("Hm.", String(i)),
    recall: i % 10 > 0,
  })),
);

// The commands of the original work's README.
const SFT =
  "config.batch_size=32 config.learning_rate=1e-5 config.num_epochs=8 config.seed=6 config.wandb_project=triviaqa-sft";
const REASONING = `config.trajectory_path=${recalled} config.batch_size=32 config.learning_rate=1e-5 config.num_epochs=8 config.seed=6 config.wandb_project=triviaqa-reasoning-sft`;
const RL =
  "--model_name openai/gpt-oss-20b --lora_rank 32 --learning_rate 2e-5 --group_size 8 --groups_per_batch 32 --wandb_project triviaqa-rl";

test.each([
  { command: `sft ${SFT}`, plan: { source: "triviaqa train", rows: 138_384, steps: 34_592 } },
  { command: `sft ${REASONING}`, plan: { source: recalled, rows: 36, steps: 8 } },
  { command: `rl ${RL}`, plan: { source: "triviaqa train", rows: 110_707, steps: 3460, rollouts: 885_656 } },
])("the paper's command, planned: train $command", async ({ command, plan }) => {
  const { exitCode, stdout } = await train(...command.split(" "), "--dry-run", "--json");
  expect(exitCode).toBe(EXIT.done);
  expect(JSON.parse(stdout)).toMatchObject({ schema: 1, dryRun: true, model: "openai/gpt-oss-20b", ...plan });
});

test("the paper's commands need a key, and say so before anything is loaded for long", async () => {
  const { exitCode, stderr } = await train("sft", ...REASONING.split(" "), "--log-path", join(temporary, "no-key"));
  expect(exitCode).toBe(EXIT.usage);
  expect(stderr).toMatch(/TINKER_API_KEY.*--engine/);
});

test("the paper's fine-tuning on the embedded model leaves a complete run folder, and running it again does nothing", async () => {
  const path = join(temporary, "sft");
  const args = ["sft", ...SFT.split(" "), "--engine", "--tensorboard", "--log-path", path];
  const first = await train(...args);
  expect(first).toMatchObject({ exitCode: EXIT.done });
  expect(trainingMetrics(path).map(({ step }) => step)).toEqual([...Array(64).keys()]);
  expect(JSON.parse(readFileSync(join(path, "config.json"), "utf8"))).toMatchObject({ batch_size: 32, seed: 6 });
  expect(existsSync(join(path, "weights", "final.safetensors"))).toBe(true);
  expect(readdirSync(join(path, "tensorboard"))).toHaveLength(1);
  expect(readdirSync(join(path, "wandb")).some((name) => name.startsWith("offline-run-"))).toBe(true);
  const before = readFileSync(join(path, "metrics.jsonl"), "utf8");
  expect(await train(...args)).toMatchObject({
    exitCode: EXIT.done,
    stderr: expect.stringMatching(/complete already/),
  });
  expect(readFileSync(join(path, "metrics.jsonl"), "utf8")).toBe(before);
});

test("the paper's reinforcement learning on the embedded model, with an evaluation in the loop", async () => {
  const path = join(temporary, "rl");
  const args =
    "--engine --max_steps=2 eval_datasets=smallworld --eval-limit 6 --eval-every 1 --final-eval --json".split(" ");
  const { exitCode, stdout } = await train("rl", ...RL.split(" "), ...args, "--log-path", path);
  expect(exitCode).toBe(EXIT.done);
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 1,
    command: "train rl",
    status: "complete",
    log_path: path,
    step: 2,
  });
  const rows = trainingMetrics(path);
  expect(rows).toHaveLength(3);
  for (const row of rows) {
    expect(row).toMatchObject({ "test/env/all/total_episodes": 6, "eval_smallworld/rows": 6 });
    expect(row["eval_smallworld/recall"]).toBeGreaterThanOrEqual(0);
  }
  expect(existsSync(join(path, "eval_smallworld", "000002", "smallworld_policy_no_cues_with_thinking.json"))).toBe(
    true,
  );
  expect(existsSync(join(path, "train_iteration_000001.html"))).toBe(true);

  const report = await runPka(["report", path, "--format", "json"]);
  expect(report).toMatchObject({ exitCode: EXIT.done, stderr: "" });
  const { training, problems } = JSON.parse(report.stdout) as ReportData;
  expect(problems).toEqual([]);
  const recall = training[0]!.curves.find(({ metric }) => metric === "recall")!;
  expect(recall.points.map(({ step, rate }) => [step, rate.rate])).toEqual(
    rows.map((row) => [row["step"], row["eval_smallworld/recall"]]),
  );
  const [start, ...later] = recall.points;
  for (const { rate, change } of later) {
    expect(change).toMatchObject({ pairs: 6, difference: expect.closeTo(rate.rate! - start!.rate.rate!, 12) });
  }
  const reward = training[0]!.series.find(({ name }) => name === "env/all/reward/total")!;
  expect(reward.points).toEqual(rows.slice(0, 2).map((row) => [row["step"], row["env/all/reward/total"]]));
});

test("right answers of an evaluation become trajectories to train on", async () => {
  const results = join(temporary, "trajectories");
  const evaluation = "--model tiny --dataset smallworld --split sft --limit 60 --seed 1";
  expect(await runPka(["eval", ...evaluation.split(" "), "--output-dir", results])).toMatchObject({
    exitCode: EXIT.done,
  });
  const file = join(
    results,
    readdirSync(results).find((name) => name.endsWith(".json"))!,
  );
  const path = join(temporary, "reasoning");
  const { exitCode, stderr } = await train(
    "sft",
    "--engine",
    `trajectory_path=${file}`,
    "batch_size=4",
    "num_epochs=2",
    `val_path=${file}`,
    "val_template=trajectory",
    "eval_every=2",
    `log_path=${path}`,
  );
  expect({ exitCode, stderr }).toMatchObject({ exitCode: EXIT.done });
  expect(stderr).toMatch(/of 60 rows are trained on/);
  expect(trainingMetrics(path).length).toBeGreaterThan(4);
  // What is trained on is what is measured: neither falls far from the other.
  const last = (name: string) => trainingMetrics(path).findLast((row) => name in row)![name] as number;
  expect(Math.abs(last("val_mean_nll") - last("train_mean_nll"))).toBeLessThan(1);
});

test("Ctrl-C ends the run with a checkpoint, and the same command goes on to the same end", async () => {
  const command = "rl --engine --groups_per_batch 8 --group_size 4 --max_steps 12 --eval_every 0".split(" ");
  const alone = join(temporary, "alone");
  await train(...command, "--log-path", alone);
  const path = join(temporary, "interrupted");
  const args = [...command, "--log-path", path];
  const run = startPka(["train", ...args], OFFLINE);
  await run.said(/step 1\/12/);
  run.process.kill("SIGINT");
  const { exitCode, stderr } = await run.exited;
  if (exitCode === EXIT.interrupted) expect(stderr).toMatch(/goes on from the last checkpoint/);
  expect(await train(...args)).toMatchObject({ exitCode: EXIT.done });
  expect(trainingMetrics(path)).toEqual(trainingMetrics(alone));
});

test("killed twice, a run ends as if nothing had happened", async () => {
  const command = "sft --engine batch_size=16 num_epochs=6 save_every=5".split(" ");
  const alone = join(temporary, "sft-alone");
  await train(...command, "--log-path", alone);
  const path = join(temporary, "killed");
  const args = [...command, "--log-path", path];
  const lines = () => (existsSync(join(path, "metrics.jsonl")) ? trainingMetrics(path).length : 0);
  for (const steps of [7, 30]) {
    const run = startPka(["train", ...args], OFFLINE);
    while (lines() < steps && run.process.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 2));
    run.process.kill("SIGKILL");
    await run.exited;
  }
  expect(await train(...args)).toMatchObject({ exitCode: EXIT.done });
  expect(trainingMetrics(path)).toEqual(trainingMetrics(alone));
});

test("questions that the evaluation asks too are named, and left out on request", async () => {
  const path = join(temporary, "overlap");
  const args = ["sft", "--engine", "--split", "test", "--max-total-steps", "1", "--log-path"];
  const named = await train(...args, path);
  expect(named.stderr).toMatch(/192 of 192 training questions are asked in the evaluation too.*--exclude-overlap/);
  const none = await train(...args, `${path}-without`, "--exclude-overlap");
  expect(none.stderr).toMatch(/they are left out[^]*0 rows are fewer than one batch/);
});

const other = join(temporary, "other");
mkdirSync(other);
writeFileSync(join(other, "notes.txt"), "");
test.each([
  { name: "an unknown parameter", args: "sft --engine config.bogus=1", code: EXIT.usage, message: /--bogus/ },
  { name: "a fraction for a count", args: "sft --engine batch_size=3.0", code: EXIT.usage, message: /batch-size/ },
  {
    name: "a negative learning rate",
    args: "rl --engine learning_rate=-1",
    code: EXIT.usage,
    message: /learning-rate/,
  },
  { name: "groups of one", args: "rl --engine group_size=1", code: EXIT.usage, message: /groupSize is 1/ },
  {
    name: "more groups than questions",
    args: "rl --engine groups_per_batch=500",
    code: EXIT.usage,
    message: /groupsPerBatch is 500/,
  },
  {
    name: "an unknown dataset",
    args: "rl --engine dataset=trivaqa",
    code: EXIT.usage,
    message: /Did you mean "triviaqa"/,
  },
  {
    name: "worked solutions",
    args: "sft --engine dataset=math --dry-run",
    code: EXIT.usage,
    message: /math has worked solutions/,
  },
  {
    name: "no trajectory file",
    args: "sft --engine trajectory_path=nowhere.json",
    code: EXIT.failed,
    message: /nowhere\.json/,
  },
  {
    name: "nothing recalled",
    args: `sft --engine trajectory_path=${trajectoryFile({ question: "q", raw_prediction: "x" })}`,
    code: EXIT.failed,
    message: /none of the 1 rows is recalled/,
  },
  {
    name: "no completion",
    args: `sft --engine trajectory_path=${trajectoryFile({ question: "q", recall: true })}`,
    code: EXIT.failed,
    message: /row 0 .*raw_prediction/,
  },
  {
    name: "a folder with other files",
    args: `sft --engine log_path=${other}`,
    code: EXIT.failed,
    message: /notes\.txt/,
  },
  { name: "an empty folder name", args: "sft --engine log_path=", code: EXIT.usage, message: /log-path is empty/ },
  {
    name: "held-out completions without a file",
    args: "sft --engine val_template=trajectory",
    code: EXIT.usage,
    message: /--val-path with a result file/,
  },
  {
    name: "no validation file",
    args: "sft --engine val_path=nowhere.json",
    code: EXIT.usage,
    message: /val-path nowhere\.json/,
  },
  {
    name: "a model of another family",
    args: "sft model_name=meta/llama --dry-run",
    code: EXIT.usage,
    message: /gpt-oss/,
  },
])("$name ends with a clear error", async ({ args, code, message }) => {
  const { exitCode, stderr, stdout } = await train(...args.split(" "));
  expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: "" });
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/\n +at /);
});

test("a folder of another configuration is refused with the difference, and stays as it is", async () => {
  const path = join(temporary, "mismatch");
  await train("sft", "--engine", "max_total_steps=2", `log_path=${path}`);
  const before = readFileSync(join(path, "metrics.jsonl"), "utf8");
  const { exitCode, stderr } = await train("sft", "--engine", "max_total_steps=2", "seed=7", `log_path=${path}`);
  expect(exitCode).toBe(EXIT.failed);
  expect(stderr).toMatch(/seed was 6 and is 7/);
  expect(readFileSync(join(path, "metrics.jsonl"), "utf8")).toBe(before);
});
