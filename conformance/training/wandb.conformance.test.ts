import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readJsonLines, WandbFileSink } from "@pka/training";
import { describe, expect, onTestFinished, test } from "vitest";
import { pka } from "../pka.js";
import { runOrThrow } from "../run.js";
import { wandbPython } from "./wandb-python.js";

const interpreter = wandbPython();

/** What `wandb_file.py` prints. */
interface OfflineRun {
  readonly types: readonly string[];
  readonly numbers: readonly number[];
  readonly header: unknown;
  readonly run: { readonly id: string; readonly start: number; readonly config: unknown };
  readonly history: readonly { readonly step: number; readonly row: Readonly<Record<string, number>> }[];
  readonly summary: Readonly<Record<string, number>>;
  readonly left: number;
}

describe.skipIf(interpreter === null)(`Weights & Biases${interpreter === null ? " (skipped: no wandb)" : ""}`, () => {
  test("its reader finds header, configuration, every row and the summary, bit by bit, across blocks", async () => {
    const folder = temporaryFolder();
    const config = {
      seed: 6,
      learning_rate: 1e-5,
      model_name: "openai/gpt-oss-20b",
      nll_threshold: null,
      "ü<": ["a", 1],
    };
    const sink = new WandbFileSink({ folder, project: "triviaqa-rl", name: "größer \u{1f600}", config });
    const rows = Array.from({ length: 40 }, (_, step) => ({
      // Lengths that let rows end everywhere in a block, and some that fill several.
      ...Object.fromEntries(
        Array.from({ length: (step * 137) % 1900 }, (__, i) => [`env/all/${i}`, Math.sin(i + step)]),
      ),
      tiny: 5e-324,
      large: 1.7976931348623157e308,
      third: step / 3,
      count: step,
      ...(step > 20 && { late: -step }),
    }));
    for (const [step, row] of rows.entries()) sink.log(step, { ...row, broken: Number.NaN, endless: Infinity });
    sink.close();

    const found = await readRun(sink.path);
    expect(found.types).toEqual(["header", "run", ...rows.flatMap(() => ["history", "summary"]), "exit", "footer"]);
    expect(found.numbers).toEqual(found.types.map((_, i) => i + 1));
    expect(found.left).toBe(0);
    expect(found.header).toEqual({ producer: "0.17.0", min_consumer: "0.17.0" });
    expect(found.run).toMatchObject({ project: "triviaqa-rl", name: "größer \u{1f600}", config });
    expect(found.run.config).toEqual(config);
    expect(sink.path.endsWith(found.run.id)).toBe(true);
    expect(found.history.map(({ step, row }) => [step, row["_step"], withoutClock(row)])).toEqual(
      rows.map((row, step) => [step, step, row]),
    );
    for (const { row } of found.history) expect(row["_timestamp"]).toBeGreaterThanOrEqual(found.run.start);
    const last: Record<string, number> = Object.assign({}, ...rows);
    expect(withoutClock(found.summary)).toEqual(last);
  });

  test("of a run of pka train it finds what metrics.jsonl and config.json hold", async () => {
    const path = join(temporaryFolder(), "run");
    const command = "train rl --engine --max-steps 3 --groups-per-batch 4 --group-size 4 --eval-limit 8 --final-eval";
    const args = [...command.split(" "), "--wandb-project", "small", "--wandb-name", "world", "--log-path", path];
    expect(await pka(args, { timeoutMs: 100_000 })).toMatchObject({ code: 0 });
    const offline = readdirSync(join(path, "wandb")).find((name) => name.startsWith("offline-run-"))!;
    const found = await readRun(join(path, "wandb", offline));
    expect(found.run).toMatchObject({ project: "small", name: "world" });
    const { pka: _, ...config } = JSON.parse(readFileSync(join(path, "config.json"), "utf8")) as Record<
      string,
      unknown
    >;
    expect(found.run.config).toEqual(config);
    const rows = readJsonLines(join(path, "metrics.jsonl")).map(({ step, ...metrics }) => ({ step, row: metrics }));
    expect(rows).toHaveLength(4);
    expect(found.history.map(({ step, row }) => ({ step, row: withoutClock(row) }))).toEqual(rows);
    expect(withoutClock(found.summary)).toEqual(Object.assign({}, ...rows.map(({ row }) => row)));
  });
});

function withoutClock({ _step, _runtime, _timestamp, ...metrics }: Readonly<Record<string, number>>) {
  return metrics;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "pka-wandb-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function readRun(folder: string): Promise<OfflineRun> {
  const file = readdirSync(folder).find((name) => name.endsWith(".wandb"))!;
  const args = [join(import.meta.dirname, "wandb_file.py"), join(folder, file)];
  const { stdout } = await runOrThrow(interpreter!, args, { timeoutMs: 120_000 });
  return JSON.parse(stdout) as OfflineRun;
}
