import { type Dirent } from "node:fs";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorCode, type Logger, messageOf, UsageError } from "@pka/core";
import { formatTinkerPath, parseTinkerPath } from "@pka/tinker/wire";
import type { z } from "zod";
import { ApiError } from "./api-error.js";
import {
  type CheckpointRecord,
  checkpointSchema,
  type RunRecord,
  runSchema,
  type SessionRecord,
  sessionSchema,
} from "./records.js";
import { writeJson } from "./write-json.js";

const KINDS = ["weights", "sampler_weights"] as const;

/**
 * What outlives the process, under one folder:
 * `sessions/<id>.json` · `runs/<session>/<number>/run.json`, `weights/<name>.{safetensors,json}`, `sampler_weights/<name>.{…}`.
 */
export class Store {
  readonly sessions = new Map<string, SessionRecord>();
  readonly runs = new Map<string, RunRecord>();
  /** By `tinker://` path. */
  readonly #checkpoints = new Map<string, CheckpointRecord>();
  readonly #folder: string;
  readonly #logger: Logger;

  private constructor(folder: string, logger: Logger) {
    this.#folder = folder;
    this.#logger = logger;
  }

  /** Read what an earlier process left. A record that cannot be read is left out, with a warning. */
  static async open(folder: string, logger: Logger): Promise<Store> {
    const store = new Store(folder, logger);
    for (const { name } of await list(join(folder, "sessions"))) {
      const session = await store.#read(sessionSchema, join(folder, "sessions", name));
      if (session) store.sessions.set(session.id, session);
    }
    for (const session of await list(join(folder, "runs"))) {
      for (const number of await list(join(folder, "runs", session.name))) {
        const run = await store.#read(runSchema, join(folder, "runs", session.name, number.name, "run.json"));
        if (!run) continue;
        store.runs.set(run.id, run);
        for (const kind of KINDS) await store.#readCheckpoints(run, kind);
      }
    }
    return store;
  }

  async #readCheckpoints(run: RunRecord, kind: CheckpointRecord["kind"]): Promise<void> {
    const folder = join(this.folderOf(run), kind);
    for (const { name } of await list(folder)) {
      if (!name.endsWith(".json")) continue;
      const read = await this.#read(checkpointSchema, join(folder, name));
      if (read) this.#checkpoints.set(pathOf({ runId: run.id, kind, ...read }), { runId: run.id, kind, ...read });
    }
  }

  async #read<T>(schema: z.ZodType<T>, file: string): Promise<T | undefined> {
    try {
      return schema.parse(JSON.parse(await readFile(file, "utf8")));
    } catch (error) {
      this.#logger.warn(`${file} cannot be read and is left out: ${messageOf(error)}`);
      return undefined;
    }
  }

  async saveSession(session: SessionRecord): Promise<void> {
    this.sessions.set(session.id, session);
    await writeJson(join(this.#folder, "sessions", `${session.id}.json`), session);
  }

  async saveRun(run: RunRecord): Promise<void> {
    this.runs.set(run.id, run);
    await writeJson(join(this.folderOf(run), "run.json"), run);
  }

  /** Where a run's checkpoints are. */
  folderOf({ sessionId, number }: Pick<RunRecord, "sessionId" | "number">): string {
    return join(this.#folder, "runs", sessionId, String(number));
  }

  fileOf({ runId, kind, name }: Pick<CheckpointRecord, "runId" | "kind" | "name">): string {
    return join(this.folderOf(this.run(runId)), kind, `${name}.safetensors`);
  }

  /** @throws ApiError 404 */
  run(id: string): RunRecord {
    const run = this.runs.get(id);
    if (run) return run;
    throw new ApiError(404, `there is no training run "${id}"`);
  }

  /** All checkpoints, or a run's, oldest first. */
  checkpoints(runId?: string): CheckpointRecord[] {
    this.#dropExpired();
    return [...this.#checkpoints.values()]
      .filter((checkpoint) => runId === undefined || checkpoint.runId === runId)
      .toSorted((a, b) => a.createdAt - b.createdAt);
  }

  has(path: string): boolean {
    this.#dropExpired();
    return this.#checkpoints.has(path);
  }

  /** @throws ApiError 400 for what is no path, 404 where there is none. */
  checkpoint(path: string): CheckpointRecord {
    const parsed = parsePath(path);
    this.#dropExpired();
    const checkpoint = this.#checkpoints.get(formatTinkerPath(parsed));
    if (checkpoint) return checkpoint;
    throw new ApiError(404, `there is no checkpoint ${path}; it was never saved, was deleted, or has expired`);
  }

  /** Write a checkpoint's record, once its weights are there. @returns Its path. */
  async saveCheckpoint(checkpoint: Omit<CheckpointRecord, "sizeBytes">): Promise<string> {
    const file = this.fileOf(checkpoint);
    const { size: sizeBytes } = await stat(file);
    const { runId, kind, ...record } = { ...checkpoint, sizeBytes };
    await writeJson(file.replace(/safetensors$/, "json"), record);
    const path = pathOf(checkpoint);
    this.#checkpoints.set(path, { runId, kind, ...record });
    return path;
  }

  async deleteCheckpoint(path: string): Promise<void> {
    const checkpoint = this.checkpoint(path);
    this.#checkpoints.delete(pathOf(checkpoint));
    await this.#remove(checkpoint);
  }

  #dropExpired(now = Date.now()): void {
    for (const [path, checkpoint] of this.#checkpoints) {
      if (checkpoint.expiresAt === null || checkpoint.expiresAt > now) continue;
      this.#checkpoints.delete(path);
      this.#remove(checkpoint).catch((error: unknown) => {
        this.#logger.warn(`the expired checkpoint ${path} could not be removed: ${String(error)}`);
      });
    }
  }

  async #remove(checkpoint: CheckpointRecord): Promise<void> {
    const file = this.fileOf(checkpoint);
    await rm(file.replace(/safetensors$/, "json"), { force: true });
    await rm(file, { force: true });
  }
}

export function pathOf({ runId, kind, name }: Pick<CheckpointRecord, "runId" | "kind" | "name">): string {
  return formatTinkerPath({ runId, kind, name });
}

function parsePath(path: string): ReturnType<typeof parseTinkerPath> {
  try {
    return parseTinkerPath(path);
  } catch (error) {
    if (error instanceof UsageError) throw new ApiError(400, error.message);
    throw error;
  }
}

/** A folder's entries by name; none where there is no folder. Files that were being written are passed over. */
async function list(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter(({ name }) => !name.endsWith(".tmp")).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}
