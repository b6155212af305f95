// Kills training runs of the built command line at random moments, and compares what they leave in the end with an undisturbed run.
//   npx tsx --conditions=@pka/source bench/kill-training.ts [--http] [--kills n per trainer] [--seed n] [--minutes n per trainer]
// With --http a `pka serve`, which lives on, trains over Tinker's API: the stand-in for gpt-oss-20b. Without, the trainer's own process does.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Random } from "@pka/core";
import { trainingMetrics } from "../apps/cli/src/testing/training-metrics.js";

const MAIN = join(import.meta.dirname, "../apps/cli/dist/main.js");
const ENGINE = [
  "sft --engine batch_size=16 num_epochs=12 save_every=9 eval_every=0",
  "rl --engine --groups_per_batch 8 --group_size 4 --max_steps 24 --save_every 3 --eval_every 5 --eval_limit 8 --final_eval",
];
const HTTP = [
  "sft --dataset smallworld learning_rate=2e-3 batch_size=16 num_epochs=4 save_every=9 eval_every=0",
  "rl --dataset smallworld --learning_rate 1e-3 --max_tokens 64 --groups_per_batch 8 --group_size 4 --max_steps 12 --save_every 3 --eval_every 5 --eval_limit 8 --final_eval",
];

const { values } = parseArgs({
  options: {
    http: { type: "boolean", default: false },
    kills: { type: "string", default: "30" },
    seed: { type: "string", default: "1" },
    minutes: { type: "string", default: "Infinity" },
  },
});
const kills = Number(values.kills);
const random = new Random(Number(values.seed));

for (const command of values.http ? HTTP : ENGINE) {
  const folder = mkdtempSync(join(tmpdir(), "pka-kill-"));
  const server = values.http ? await startServer(join(folder, "server")) : undefined;
  try {
    await killAndCompare(command, folder, server === undefined ? [] : ["--base-url", server.url]);
  } finally {
    await server?.stop();
  }
  rmSync(folder, { recursive: true });
}

/** @throws Error when a run that was killed leaves other metrics than the undisturbed one. */
async function killAndCompare(command: string, folder: string, where: readonly string[]): Promise<void> {
  const args = [...command.split(" "), ...where];
  const undisturbed = join(folder, "undisturbed");
  const start = performance.now();
  await run(args, undisturbed);
  const duration = performance.now() - start;
  const expected = trainingMetrics(undisturbed);
  const deadline = start + Number(values.minutes) * 60_000;
  const isOver = (): boolean => killed >= kills || performance.now() > deadline;

  let killed = 0;
  let runs = 0;
  while (!isOver()) {
    const path = join(folder, `killed-${runs}`);
    // The same command again and again, until it comes to its end.
    while (await run(args, path, isOver() ? undefined : 200 + random.next() * duration)) killed += 1;
    runs += 1;
    if (JSON.stringify(trainingMetrics(path)) !== JSON.stringify(expected)) {
      throw new Error(`${command}: run ${runs} differs from the undisturbed one: ${path}`);
    }
  }
  console.log(
    `${command}: ${killed} kills over ${runs} runs, every one with the ${expected.length} rows of the undisturbed run, bit for bit`,
  );
}

/** @returns Whether the run had to be killed. */
async function run(args: readonly string[], path: string, killAfterMs?: number): Promise<boolean> {
  const child = startPka(["train", ...args, "--log-path", path]);
  let said = "";
  child.stderr!.on("data", (chunk) => (said += String(chunk)));
  const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.on("close", (...end) => resolve(end));
  });
  clearTimeout(timer);
  if (code !== 0 && signal !== "SIGKILL") throw new Error(`exit code ${code}: ${said}`);
  return signal === "SIGKILL";
}

async function startServer(dataDir: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const child = startPka(["serve", "--port", "0", "--data-dir", dataDir]);
  const ended = new Promise<void>((resolve) => {
    child.on("close", () => resolve());
  });
  let said = "";
  const url = await new Promise<string>((resolve, reject) => {
    child.on("close", () => reject(new Error(`the server ended: ${said}`)));
    child.stderr!.on("data", (chunk) => {
      said += String(chunk);
      const address = /TINKER_BASE_URL=(\S+)/.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
  const stop = async (): Promise<void> => {
    child.kill();
    await ended;
  };
  return { url, stop };
}

function startPka(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [MAIN, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, TINKER_API_KEY: "tml-bench", HF_HUB_OFFLINE: "1" },
  });
}
