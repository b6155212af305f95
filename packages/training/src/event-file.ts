import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { maskedCrc32c } from "./crc32c.js";
import type { MetricSink, Metrics } from "./metrics.js";
import { double, embedded, fixed32Float, text, varint } from "./protobuf.js";

/** Field numbers of TensorFlow's `Event`, `Summary`, `Summary.Value` and `SessionLog`. */
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 } as const;
const SUMMARY_VALUE = 1;
const VALUE = { tag: 1, simpleValue: 2 } as const;
const SESSION_STATUS = { field: 1, start: 1 } as const;

/**
 * Metrics as a TensorBoard event file: one scalar per metric and step. Values that are no number are left out.
 *
 * @see TensorFlow's `event.proto`, `summary.proto` and the TFRecord framing: length, its masked CRC-32C, bytes, their masked CRC-32C.
 */
export class EventFileSink implements MetricSink {
  readonly path: string;
  readonly #file: number;

  /**
   * @param folder - Made where it does not exist; every process writes a file of its own into it.
   * @param firstStep - Of this process: TensorBoard forgets what earlier files say of it and later steps.
   */
  constructor(folder: string, firstStep = 0) {
    mkdirSync(folder, { recursive: true });
    const seconds = Math.floor(Date.now() / 1000);
    this.path = join(folder, `events.out.tfevents.${String(seconds).padStart(10, "0")}.${hostname()}.${process.pid}`);
    this.#file = openSync(this.path, "a");
    this.#write(text(EVENT.fileVersion, "brain.Event:2"));
    const start = embedded(EVENT.sessionLog, varint(SESSION_STATUS.field, SESSION_STATUS.start));
    if (firstStep > 0) this.#write(Buffer.concat([varint(EVENT.step, firstStep), start]));
  }

  log(step: number, metrics: Metrics): void {
    const values = Object.entries(metrics)
      .filter(([, value]) => Number.isFinite(value))
      .map(([name, value]) =>
        embedded(SUMMARY_VALUE, Buffer.concat([text(VALUE.tag, name), fixed32Float(VALUE.simpleValue, value)])),
      );
    this.#write(Buffer.concat([varint(EVENT.step, step), embedded(EVENT.summary, Buffer.concat(values))]));
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(event: Buffer): void {
    const data = Buffer.concat([double(EVENT.wallTime, Date.now() / 1000), event]);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(data.length));
    writeSync(this.#file, Buffer.concat([length, checksum(length), data, checksum(data)]));
  }
}

function checksum(bytes: Buffer): Buffer {
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(maskedCrc32c(bytes));
  return crc;
}
