import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Logger, silentLogger, UsageError } from "@pka/core";
import { type Checkpoint, checkpointRow, FINAL, readCheckpoints } from "./checkpoint.js";
import { ResumeMismatchError, type RunDifference, RunFolderError } from "./errors.js";
import { lockFolder } from "./lock-folder.js";
import { cutTornLine, JsonLinesWriter, readJsonLines, writeFileAtomically } from "./json-lines.js";
import { FileLogger } from "./file-logger.js";
import type { MetricSink, Metrics } from "./metrics.js";

/** What to do about a run folder that exists: `ask` the user, `delete` it, `resume` the run, `raise` an error. */
export type LogDirBehavior = "ask" | "delete" | "resume" | "raise";

/** Values that JSON has. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Options of `openRunFolder`. */
export interface RunFolderOptions {
  /** Made where it does not exist. */
  readonly path: string;
  /** All that decides what the run does, names in snake case; into `config.json`, and compared when the run is resumed. */
  readonly config: Readonly<Record<string, JsonValue>>;
  /** Names in `config` that may change between one start and the next. */
  readonly changeable?: readonly string[];
  /** What the data is, such as its source and hash; compared when the run is resumed. */
  readonly data?: Readonly<Record<string, JsonValue>>;
  /** Package versions, git commit and the like. A change is a warning. */
  readonly provenance?: Readonly<Record<string, string | null>>;
  /** Default `ask`. */
  readonly behavior?: LogDirBehavior;
  /** Asks the user. Without it `ask` resumes a run of the same configuration, and refuses any other folder. */
  readonly ask?: (question: string) => Promise<string>;
  /** The first step that is still to be done when a run goes on from this checkpoint. */
  readonly stepOf: (checkpoint: Checkpoint) => number;
  readonly logger?: Logger;
}

const CONFIG = "config.json";
const METRICS = "metrics.jsonl";
const CHECKPOINTS = "checkpoints.jsonl";
const LOG = "logs.log";
const LOCK = "run.lock";
/** What a process that was killed while it began has left. */
const REMAINS = new Set([LOCK, `${CONFIG}.tmp`]);

/**
 * The folder of one training run: `config.json`, `metrics.jsonl`, `checkpoints.jsonl`, `logs.log` and whatever else the run writes.
 *
 * A line of `checkpoints.jsonl` is the moment at which everything before it counts as done: metrics of later steps, which a process
 * that died has left, are taken away when the run is resumed, and those steps are done again.
 */
export class RunFolder {
  readonly path: string;
  /** The checkpoint to go on from; `undefined` for a new run. */
  readonly resumePoint: Checkpoint | undefined;
  readonly logger: Logger;
  readonly #metrics: JsonLinesWriter;
  readonly #checkpoints: JsonLinesWriter;
  readonly #sinks: MetricSink[] = [];
  readonly #close: () => void;

  /** Use {@link openRunFolder}. */
  constructor(path: string, resumePoint: Checkpoint | undefined, logger: FileLogger, unlock: () => void) {
    this.path = path;
    this.resumePoint = resumePoint;
    this.logger = logger;
    this.#metrics = new JsonLinesWriter(join(path, METRICS));
    this.#checkpoints = new JsonLinesWriter(join(path, CHECKPOINTS));
    this.#close = () => {
      logger.close();
      unlock();
    };
  }

  get checkpointsFile(): string {
    return join(this.path, CHECKPOINTS);
  }

  /** Send metrics to one more place. It is closed with the folder. */
  addSink(sink: MetricSink): void {
    this.#sinks.push(sink);
  }

  /** One row of `metrics.jsonl`. */
  logMetrics(step: number, metrics: Metrics): void {
    this.#metrics.append({ step, ...metrics });
    for (const sink of this.#sinks) sink.log(step, metrics);
  }

  /** Everything logged so far is done: the run goes on from here if it is stopped later. */
  commitCheckpoint(checkpoint: Checkpoint): void {
    this.#metrics.sync();
    this.#checkpoints.append(checkpointRow(checkpoint));
    this.#checkpoints.sync();
  }

  /** Write one more file, such as a page about a step. */
  writeFile(name: string, text: string): void {
    writeFileSync(join(this.path, name), text);
  }

  async close(): Promise<void> {
    try {
      for (const sink of this.#sinks) await sink.close();
    } finally {
      this.#metrics.close();
      this.#checkpoints.close();
      this.#close();
    }
  }
}

/**
 * Open the folder of a training run, new or to be resumed.
 *
 * @throws ResumeMismatchError when the folder's run has another configuration or other data.
 * @throws RunFolderError when the folder is in use, holds something else, or exists and must not.
 */
export async function openRunFolder(options: RunFolderOptions): Promise<RunFolder> {
  const { path, config, data = {}, provenance = {}, stepOf, logger = silentLogger } = options;
  const isNew = await prepareFolder(options);
  const unlock = lockFolder(join(path, LOCK));
  try {
    const recorded = isNew ? undefined : readConfig(path);
    if (recorded === undefined || !hasBegun(path, recorded)) {
      const about = { ...config, pka: { data, provenance } };
      writeFileAtomically(join(path, CONFIG), `${JSON.stringify(about, null, 2)}\n`);
    } else warnOfOtherCode(recorded, provenance, logger);
    cutTornLine(join(path, CHECKPOINTS));
    const resumePoint = readCheckpoints(join(path, CHECKPOINTS)).at(-1);
    // A run that came to its end keeps what it measured at the end.
    if (resumePoint?.name !== FINAL) cutMetrics(path, resumePoint === undefined ? 0 : stepOf(resumePoint));
    return new RunFolder(path, resumePoint, new FileLogger(join(path, LOG), logger), unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

/** @returns Whether there is no run in the folder yet. */
async function prepareFolder(options: RunFolderOptions): Promise<boolean> {
  const { path, behavior = "ask", logger = silentLogger } = options;
  const names = existsSync(path) ? readdirSync(path).filter((name) => !REMAINS.has(name)) : [];
  const isRun = names.includes(CONFIG);
  if (names.length > 0) {
    const choice = behavior === "ask" ? await askUser(options, isRun) : behavior;
    if (choice === "raise") throw new RunFolderError(path, "the folder exists already; give another log_path");
    if (choice === "exit") throw new UsageError(`${path} is left as it is; give another log_path`);
    if (!isRun)
      throw new RunFolderError(path, `the folder holds other files (${names[0]}) and no run; give another log_path`);
    if (choice === "delete") {
      lockFolder(join(path, LOCK))();
      rmSync(path, { recursive: true });
      logger.info(`${path}: the earlier run is deleted`);
    } else refuseDifferences(options);
  }
  mkdirSync(path, { recursive: true });
  return !existsSync(join(path, CONFIG));
}

/**
 * Whether there is anything to go on with. A run that failed before its first row, such as for a misspelt path, may begin with another
 * configuration; a `config.json` that is not ours is left alone.
 */
function hasBegun(path: string, recorded: Readonly<Record<string, unknown>>): boolean {
  if (!("pka" in recorded)) return true;
  return [METRICS, CHECKPOINTS].some((name) => (statSync(join(path, name), { throwIfNoEntry: false })?.size ?? 0) > 0);
}

async function askUser({ path, ask }: RunFolderOptions, isRun: boolean): Promise<"delete" | "resume" | "exit"> {
  if (ask === undefined || !isRun) return "resume";
  for (;;) {
    const answer = (await ask(`${path} exists already. Write delete, resume or exit: `)).trim().toLowerCase();
    if (answer === "delete" || answer === "resume" || answer === "exit") return answer;
  }
}

function readConfig(path: string): Record<string, unknown> {
  const file = join(path, CONFIG);
  try {
    const config: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof config === "object" && config !== null) return config as Record<string, unknown>;
  } catch (error) {
    throw new RunFolderError(file, "is no JSON: the run cannot be resumed", { cause: error });
  }
  throw new RunFolderError(file, "is no configuration: the run cannot be resumed");
}

function refuseDifferences({ path, config, changeable = [], data = {} }: RunFolderOptions): void {
  const whole = readConfig(path);
  if (!hasBegun(path, whole)) return;
  const { pka, ...recorded } = whole;
  const recordedData = (pka as { data?: Record<string, unknown> } | undefined)?.data ?? {};
  const differences: RunDifference[] = [
    ...compare(recorded, config).filter(({ field }) => !changeable.includes(field)),
    ...compare(recordedData, data).map((difference) => ({ ...difference, field: `data.${difference.field}` })),
  ];
  if (differences.length > 0) throw new ResumeMismatchError(path, differences);
}

function compare(
  recorded: Readonly<Record<string, unknown>>,
  asked: Readonly<Record<string, unknown>>,
): RunDifference[] {
  const fields = new Set([...Object.keys(recorded), ...Object.keys(asked)]);
  return [...fields]
    .map((field) => ({
      field,
      recorded: JSON.stringify(recorded[field]) ?? "absent",
      asked: JSON.stringify(asked[field]) ?? "absent",
    }))
    .filter((difference) => difference.recorded !== difference.asked);
}

function warnOfOtherCode(
  recorded: Readonly<Record<string, unknown>>,
  provenance: Readonly<Record<string, string | null>>,
  logger: Logger,
): void {
  const before = (recorded["pka"] as { provenance?: Record<string, unknown> } | undefined)?.provenance ?? {};
  for (const { field, recorded: was, asked } of compare(before, provenance)) {
    logger.warn(`the run was started with other code: ${field} was ${was} and is ${asked}`);
  }
}

/** Take away the rows of steps that will be done again. */
function cutMetrics(path: string, step: number): void {
  const file = join(path, METRICS);
  if (!existsSync(file)) return;
  const kept = readJsonLines(file).filter((row) => typeof row["step"] === "number" && row["step"] < step);
  writeFileAtomically(file, kept.map((row) => `${JSON.stringify(row)}\n`).join(""));
}
