// Kills training runs of the built command line at random moments, and compares what they leave in the end with an undisturbed run.
//   npx tsx --conditions=@pka/source bench/kill-training.ts [number of kills per trainer] [seed]
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readJsonLines } from "@pka/training";

const MAIN = join(import.meta.dirname, "../apps/cli/dist/main.js");
const SFT = "sft --engine batch_size=16 num_epochs=12 save_every=9 eval_every=0";
const RL =
  "rl --engine --groups_per_batch 8 --group_size 4 --max_steps 24 --save_every 3 --eval_every 5 --eval_limit 8 --final_eval";

const [kills = "30", seed = "1"] = process.argv.slice(2);
let state = Number(seed);
/** Park and Miller's generator, in (0, 1). */
function random(): number {
  state = (state * 48_271) % 2_147_483_647;
  return state / 2_147_483_647;
}

for (const command of [SFT, RL]) {
  const folder = mkdtempSync(join(tmpdir(), "pka-kill-"));
  const undisturbed = join(folder, "undisturbed");
  const start = performance.now();
  await run(command, undisturbed);
  const duration = performance.now() - start;
  const expected = rows(undisturbed);

  let killed = 0;
  let runs = 0;
  while (killed < Number(kills)) {
    const path = join(folder, `killed-${runs}`);
    // The same command again and again, until it comes to its end.
    for (;;) {
      const wasKilled = killed < Number(kills) && (await run(command, path, 200 + random() * duration));
      if (killed >= Number(kills)) await run(command, path);
      if (!wasKilled) break;
      killed += 1;
    }
    runs += 1;
    const actual = rows(path);
    if (JSON.stringify(actual) !== JSON.stringify(expected)) {
      console.log(`${command}: run ${runs} differs from the undisturbed one: ${path}`);
      process.exit(1);
    }
  }
  console.log(
    `${command}: ${killed} kills over ${runs} runs, every one with the ${expected.length} rows of the undisturbed run, bit for bit`,
  );
  rmSync(folder, { recursive: true });
}

/** @returns Whether the run had to be killed. */
async function run(command: string, path: string, killAfterMs?: number): Promise<boolean> {
  const child = spawn(process.execPath, [MAIN, "train", ...command.split(" "), "--log-path", path], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk) => (said += String(chunk)));
  const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.on("close", (...end) => resolve(end));
  });
  clearTimeout(timer);
  if (code !== 0 && signal !== "SIGKILL") throw new Error(`exit code ${code}: ${said}`);
  return signal === "SIGKILL";
}

/** Metrics without the times. */
function rows(path: string): object[] {
  return readJsonLines(join(path, "metrics.jsonl")).map((row) =>
    Object.fromEntries(Object.entries(row).filter(([name]) => !/time/.test(name))),
  );
}
