import { createReadStream } from "node:fs";
import { OutputError } from "../errors.js";
import { ObjectSplitter, type ResultFileEntry } from "./object-splitter.js";

const CHUNK_BYTES = 1 << 20;

/**
 * The content of a result file, ours or the paper's, as a stream: memory does not grow with the file, nor does V8's limit on the
 * length of a string apply. Entries come in the order of the file: every item of `results`, then `aggregate_metrics`, ….
 *
 * @throws ResultFileError when the file is not one complete JSON object, or one value of it exceeds 256 MiB.
 * @throws OutputError when it cannot be read.
 * @example for await (const { key, value } of readResultFile(path)) if (key === "results") rows.push(value);
 */
export async function* readResultFile(path: string): AsyncGenerator<ResultFileEntry> {
  const splitter = new ObjectSplitter(path);
  const chunks: AsyncIterator<Buffer> = createReadStream(path, { highWaterMark: CHUNK_BYTES })[Symbol.asyncIterator]();
  for (;;) {
    const next = await chunks.next().catch((error: unknown) => {
      throw new OutputError(path, "cannot read the result file", error);
    });
    if (next.done) break;
    yield* splitter.push(next.value);
  }
  splitter.end();
}
