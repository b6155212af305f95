import { ObjectSplitter, type ResultFileEntry } from "./object-splitter.js";
import { readBytes } from "./read-bytes.js";

/**
 * The content of a result file, ours or the paper's, also gzipped, as a stream: memory does not grow with the file, nor does V8's
 * limit on the length of a string apply. Entries come in the order of the file: every item of `results`, then `aggregate_metrics`, ….
 *
 * @throws ResultFileError when the file is not one complete JSON object, or one value of it exceeds 256 MiB.
 * @throws OutputError when it cannot be read.
 * @example for await (const { key, value } of readResultFile(path)) if (key === "results") rows.push(value);
 */
export async function* readResultFile(path: string): AsyncGenerator<ResultFileEntry> {
  const splitter = new ObjectSplitter(path);
  for await (const chunk of readBytes(path)) yield* splitter.push(chunk);
  splitter.end();
}
