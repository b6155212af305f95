import { basename } from "node:path";
import { createInterface } from "node:readline/promises";
import { ModelError, UsageError } from "@pka/core";
import {
  EventFileSink,
  formatMetrics,
  type JsonValue,
  type LogDirBehavior,
  type Metrics,
  openRunFolder,
  type RunFolder,
  type RunFolderOptions,
  type TokenSpan,
  WandbFileSink,
} from "@pka/training";
import pc from "picocolors";
import { readEnvironment } from "../environment.js";
import { EXIT } from "../exit-codes.js";
import { type Interrupts, listenForInterrupts } from "../interrupts.js";
import { provenance } from "../provenance.js";
import { printable, Stderr } from "../stderr.js";
import { printJson } from "../print-json.js";

/** The flags that say where a run goes. */
export interface RunOptions {
  readonly logPath?: string | null;
  readonly behaviorIfLogDirExists: LogDirBehavior;
  readonly tensorboard?: boolean;
  readonly wandbProject?: string | null;
  readonly wandbName?: string | null;
  readonly json?: true;
}

/** Flags that may change between one start of a run and the next. */
const CHANGEABLE = [
  "base_url",
  "behavior_if_log_dir_exists",
  "data_dir",
  "eval_every",
  "gen_eval_every",
  "log_path",
  "save_every",
  "tensorboard",
  "wandb_name",
  "wandb_project",
];

/** Flags that say nothing of the run. */
const NOT_OF_THE_RUN = new Set(["dryRun", "json", "usdPerMillionTokens"]);

/** Flags as `config.json` holds them. */
export function configJson(options: Readonly<Record<string, unknown>>): Record<string, JsonValue> {
  const entries = Object.entries(options).filter(([name, value]) => value !== undefined && !NOT_OF_THE_RUN.has(name));
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value as JsonValue,
    ]),
  );
}

/** Open the run's folder with its metric sinks. */
export async function openRun(
  options: RunOptions,
  folder: Pick<RunFolderOptions, "path" | "config" | "data" | "stepOf">,
  stderr: Stderr,
): Promise<RunFolder> {
  const canAsk = process.stdin.isTTY && process.stderr.isTTY;
  const run = await openRunFolder({
    ...folder,
    changeable: CHANGEABLE,
    provenance: await provenance(),
    behavior: options.behaviorIfLogDirExists,
    ...(canAsk && { ask: askOnTerminal }),
    logger: stderr,
  });
  const firstStep = run.resumePoint === undefined ? 0 : folder.stepOf(run.resumePoint);
  if (run.resumePoint) stderr.info(`${folder.path}: going on from checkpoint ${run.resumePoint.name}`);
  if (options.tensorboard) run.addSink(new EventFileSink(`${folder.path}/tensorboard`, firstStep));
  if (options.wandbProject) {
    const name = options.wandbName ?? basename(folder.path);
    const sink = new WandbFileSink({ folder: folder.path, project: options.wandbProject, name, config: folder.config });
    run.addSink(sink);
    stderr.info(`Weights & Biases: an offline run is written; upload it with wandb sync ${sink.path}`);
  }
  return run;
}

async function askOnTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}

/** A step of either trainer. */
interface Step {
  readonly step: number;
  readonly totalSteps: number;
  readonly metrics: Metrics;
}

/**
 * Take the steps of a run one by one, with progress on stderr. The first Ctrl-C ends the run after the step in progress with a
 * checkpoint, the second at once.
 */
export async function follow(
  command: string,
  run: RunFolder,
  options: RunOptions,
  interrupts: Interrupts,
  work: (signal: AbortSignal) => AsyncIterable<Step>,
): Promise<number> {
  const stderr = new Stderr();
  interrupts.stop.addEventListener("abort", () => process.exit(EXIT.interrupted));
  const report = progress(stderr);
  let last: Step | undefined;
  try {
    for await (const step of work(interrupts.drain)) {
      last = step;
      report(step);
    }
  } catch (error) {
    if (error instanceof ModelError) {
      stderr.warn(`stopped by the error below; the same command goes on from the last checkpoint in ${run.path}`);
    }
    throw error;
  }
  stderr.clearLine();
  const status = interrupts.drain.aborted ? "interrupted" : "complete";
  if (options.json) {
    const { step = null, metrics = {} } = last ?? {};
    printJson({ schema: 1, command, status, log_path: run.path, step, metrics });
  } else {
    if (last) console.log(formatMetrics(last.metrics));
    console.log(printable(run.path));
  }
  if (status === "interrupted") stderr.warn("stopped; the same command goes on from the last checkpoint");
  return status === "complete" ? EXIT.done : EXIT.interrupted;
}

const PLAIN_LINE_MS = 15_000;
/** What a progress line shows, where a step has it. */
const SHOWN = [
  "train_mean_nll",
  "val_mean_nll",
  "env/all/reward/total",
  "env/all/EM_rate",
  "test/env/all/EM_or_Recall_rate",
];

function progress(stderr: Stderr): (step: Step) => void {
  let last = Number.NEGATIVE_INFINITY;
  return ({ step, totalSteps, metrics }) => {
    const shown = SHOWN.filter((name) => name in metrics).map((name) => `${name} ${metrics[name]!.toFixed(4)}`);
    const text = [`step ${Math.min(step + 1, totalSteps)}/${totalSteps}`, ...shown].join("  ");
    if (process.stderr.isTTY) return stderr.line(text);
    const now = performance.now();
    if (now - last < PLAIN_LINE_MS && step + 1 < totalSteps) return;
    last = now;
    stderr.info(text);
  };
}

/** Tokens in the colours of the paper's scripts: green what is pushed up, red what is pushed down, yellow the rest. Terminals only. */
export function printSpans(spans: readonly TokenSpan[], title: string): void {
  if (!process.stderr.isTTY || process.env["NO_COLOR"]) return;
  const paint = { [-1]: pc.red, 0: pc.yellow, 1: pc.green } as const;
  process.stderr.write(`${title}: ${spans.map(({ text, sign }) => paint[sign](printable(text))).join("")}\n`);
}

/** Everything a training command shares; closes what it opened. */
export async function withInterrupts(
  work: (context: {
    readonly stderr: Stderr;
    readonly interrupts: Interrupts;
    readonly environment: ReturnType<typeof readEnvironment>;
  }) => Promise<number>,
): Promise<number> {
  const stderr = new Stderr();
  const interrupts = listenForInterrupts((message) => stderr.warn(message));
  try {
    return await work({ stderr, interrupts, environment: readEnvironment() });
  } finally {
    interrupts.dispose();
    stderr.clearLine();
  }
}

/** @throws UsageError unless a folder is named: `--log-path` or the run's own name. */
export function homeExpanded(path: string, home: string): string {
  if (path === "") throw new UsageError("--log-path is empty: name a folder");
  return path === "~" || path.startsWith("~/") ? home + path.slice(1) : path;
}
