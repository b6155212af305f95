import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { MetricSink, Metrics } from "./metrics.js";
import { embedded, text, varint } from "./protobuf.js";

/** Field numbers of Weights & Biases' `wandb_internal.proto`. */
const RECORD = { num: 1, history: 2, summary: 3, run: 17, exit: 18, header: 21, footer: 22 } as const;
const RUN = { id: 1, project: 3, config: 4, displayName: 8, startTime: 17 } as const;
const HISTORY = { item: 1, step: 2 } as const;
const HEADER_VERSION = 1;
const VERSION = { producer: 1, minConsumer: 2 } as const;
const UPDATE = 1;
const ITEM = { key: 1, valueJson: 16 } as const;
const FORMAT_VERSION = "0.17.0";

/** Blocks and chunk types of LevelDB's log format. */
const BLOCK_BYTES = 32_768;
const CHUNK_HEADER_BYTES = 7;
const CHUNK = { full: 1, first: 2, middle: 3, last: 4 } as const;
const FILE_HEADER = Buffer.from([...Buffer.from(":W&B"), 0xe1, 0xbe, 0]);

/** Options of `WandbFileSink`. */
export interface WandbOptions {
  /** Offline runs go to `wandb/` in it. */
  readonly folder: string;
  readonly project: string;
  /** The run's name. */
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * Metrics as an offline run of Weights & Biases: nothing is sent, `wandb sync <folder>` uploads it. Every process of a training run
 * writes a folder of its own, all with one run id; `wandb sync --append` joins them. Values that are no number are left out.
 *
 * @see LevelDB's log format, with CRC-32 instead of CRC-32C; `wandb_internal.proto` of the wandb package.
 */
export class WandbFileSink implements MetricSink {
  /** What `wandb sync` takes. */
  readonly path: string;
  readonly #file: number;
  readonly #start = Date.now();
  #bytes = 0;
  #records = 0;

  constructor({ folder, project, name, config }: WandbOptions) {
    const id = runId(join(folder, "wandb"));
    const stamp = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "_");
    this.path = join(folder, "wandb", `offline-run-${stamp}-${id}`);
    mkdirSync(this.path, { recursive: true });
    this.#file = openSync(join(this.path, `run-${id}.wandb`), "a");
    this.#append(FILE_HEADER);
    const version = Buffer.concat([text(VERSION.producer, FORMAT_VERSION), text(VERSION.minConsumer, FORMAT_VERSION)]);
    this.#record(RECORD.header, embedded(HEADER_VERSION, version));
    const settings = Object.entries(config).map(([key, value]) => item(UPDATE, key, value));
    const seconds = Math.floor(this.#start / 1000);
    this.#record(
      RECORD.run,
      Buffer.concat([
        text(RUN.id, id),
        text(RUN.project, project),
        embedded(RUN.config, Buffer.concat(settings)),
        text(RUN.displayName, name),
        embedded(RUN.startTime, varint(1, seconds)),
      ]),
    );
  }

  log(step: number, metrics: Metrics): void {
    const now = Date.now();
    const about = { _step: step, _runtime: (now - this.#start) / 1000, _timestamp: now / 1000 };
    const values = Object.entries({ ...metrics, ...about }).filter(([, value]) => Number.isFinite(value));
    const items = (field: number) => values.map(([key, value]) => item(field, key, value));
    this.#record(RECORD.history, Buffer.concat([...items(HISTORY.item), embedded(HISTORY.step, varint(1, step))]));
    // The last value of every metric, which the service does not find out by itself.
    this.#record(RECORD.summary, Buffer.concat(items(UPDATE)));
  }

  close(): void {
    this.#record(RECORD.exit, Buffer.alloc(0));
    this.#record(RECORD.footer, Buffer.alloc(0));
    closeSync(this.#file);
  }

  #record(field: number, message: Buffer): void {
    this.#records += 1;
    let rest = Buffer.concat([varint(RECORD.num, this.#records), embedded(field, message)]);
    for (let isFirst = true; isFirst || rest.length > 0; isFirst = false) {
      // A chunk's header is never cut: what is left of the block stays empty.
      if (this.#spaceLeft() < CHUNK_HEADER_BYTES) this.#append(Buffer.alloc(this.#spaceLeft()));
      const data = rest.subarray(0, this.#spaceLeft() - CHUNK_HEADER_BYTES);
      rest = rest.subarray(data.length);
      const isLast = rest.length === 0;
      const type = isFirst ? (isLast ? CHUNK.full : CHUNK.first) : isLast ? CHUNK.last : CHUNK.middle;
      const header = Buffer.alloc(CHUNK_HEADER_BYTES);
      header.writeUInt32LE(crc32(Buffer.concat([Buffer.of(type), data])), 0);
      header.writeUInt16LE(data.length, 4);
      header[6] = type;
      this.#append(Buffer.concat([header, data]));
    }
  }

  /** Bytes left in the block. */
  #spaceLeft(): number {
    return BLOCK_BYTES - (this.#bytes % BLOCK_BYTES);
  }

  #append(bytes: Buffer): void {
    writeSync(this.#file, bytes);
    this.#bytes += bytes.length;
  }
}

function item(field: number, key: string, value: unknown): Buffer {
  return embedded(field, Buffer.concat([text(ITEM.key, key), text(ITEM.valueJson, JSON.stringify(value))]));
}

/** The id of the folder's run, the same for every process that goes on with it. */
function runId(folder: string): string {
  const file = join(folder, "run-id");
  if (existsSync(file)) return readFileSync(file, "utf8").trim();
  mkdirSync(folder, { recursive: true });
  const id = randomBytes(4).toString("hex");
  writeFileSync(file, `${id}\n`);
  return id;
}
