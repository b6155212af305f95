import { PkaError } from "@pka/core";
import { ObjectSplitter } from "./object-splitter.js";
import { readBytes } from "./read-bytes.js";
import { endOfLine } from "./split-lines.js";

/** A longer first line is taken for a document without looking at its end. */
const MAX_FIRST_LINE_BYTES = 2 ** 23;

/** How a file holds its rows: `document` = one JSON object or list; `lines` = one JSON value per line. */
type RowFormat = "document" | "lines";

/** What a file looks like by its first line, and why it is no document where its first line shows that. */
export interface DetectedFormat {
  readonly format: RowFormat;
  readonly problem?: PkaError;
}

/**
 * Lines where the first line that is not blank is a complete JSON value and more follows, or cannot start a JSON object or list.
 *
 * @throws OutputError when the file cannot be read.
 */
export async function detectFormat(path: string): Promise<DetectedFormat> {
  let head = Buffer.alloc(0);
  for await (const chunk of readBytes(path)) {
    head = Buffer.concat([head, chunk]);
    const detected = detect(path, head, false);
    if (detected !== undefined) return detected;
  }
  return detect(path, head, true) ?? { format: "lines" };
}

/** `undefined` = more of the file is needed. */
function detect(path: string, head: Buffer, isWhole: boolean): DetectedFormat | undefined {
  const start = head.findIndex(isNotBlank);
  if (start === -1) return undefined;
  const newline = endOfLine(head, start);
  if (newline === -1 && !isWhole) return head.length > MAX_FIRST_LINE_BYTES ? { format: "document" } : undefined;

  const end = newline === -1 ? head.length : newline;
  const splitter = new ObjectSplitter(path, { allowList: true });
  try {
    splitter.push(head.subarray(0, end));
    if (!splitter.isComplete && !splitter.endsInString) return { format: "document" };
    if (splitter.isComplete && isWhole && !head.subarray(end).some(isNotBlank)) return { format: "document" };
    if (!splitter.isComplete) splitter.end();
  } catch (error) {
    if (!PkaError.isInstance(error)) throw error;
    return { format: "lines", problem: error };
  }
  return isWhole || head.subarray(end).some(isNotBlank) ? { format: "lines" } : undefined;
}

function isNotBlank(byte: number): boolean {
  return byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d;
}
