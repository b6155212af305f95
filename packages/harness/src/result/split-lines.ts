import { MAX_VALUE_BYTES, ResultFileError } from "./object-splitter.js";

const [NEWLINE, RETURN] = [0x0a, 0x0d];

/**
 * The lines of a file, without their ends: `\n`, `\r\n` or `\r`, as Python reads text.
 *
 * @throws ResultFileError for a line of more than 256 MiB.
 */
export async function* splitLines(path: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let partBytes = 0;
  let offset = 0;
  let afterReturn = false;
  for await (const chunk of chunks) {
    let start = 0;
    if (afterReturn && chunk[0] === NEWLINE) start = 1;
    afterReturn = chunk.at(-1) === RETURN;
    for (let end = endOfLine(chunk, start); end !== -1; end = endOfLine(chunk, start)) {
      yield Buffer.concat([...parts, chunk.subarray(start, end)]);
      parts = [];
      partBytes = 0;
      start = end + (chunk[end] === RETURN && chunk[end + 1] === NEWLINE ? 2 : 1);
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
    partBytes += chunk.length - start;
    offset += chunk.length;
    if (partBytes > MAX_VALUE_BYTES) throw new ResultFileError(path, offset, `a line exceeds ${MAX_VALUE_BYTES} bytes`);
  }
  if (parts.length > 0) yield Buffer.concat(parts);
}

/** Where the line that holds `start` ends, -1 where that is not in `bytes`. */
export function endOfLine(bytes: Buffer, start: number): number {
  const newline = bytes.indexOf(NEWLINE, start);
  const line = newline === -1 ? bytes : bytes.subarray(0, newline);
  const carriageReturn = line.indexOf(RETURN, start);
  return carriageReturn === -1 ? newline : carriageReturn;
}
