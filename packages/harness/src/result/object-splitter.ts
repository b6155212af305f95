import { isUtf8 } from "node:buffer";
import { PkaError } from "@pka/core";

/** The largest value that is read. V8 cannot make a string of twice this size. */
export const MAX_VALUE_BYTES = 2 ** 28;
const MAX_SEARCH_BYTES = 2 ** 20;
/** So far a string is searched byte by byte before native search takes over. */
const NEAR_BYTES = 32;

/** A result file does not hold what a result file holds. */
export class ResultFileError extends PkaError {
  readonly code = "result_file_invalid";

  constructor(
    readonly path: string,
    /** Where in the file, in bytes. */
    readonly offset: number,
    problem: string,
    cause?: unknown,
  ) {
    super(`${path}: byte ${offset}: ${problem}`, { cause });
  }
}

/** One item of a list at the top level of a result file, such as `results`, or one other value there, such as `aggregate_metrics`. */
export interface ResultFileEntry {
  readonly key: string;
  /** 0-based position in the list; `null` for a value that is no list. */
  readonly index: number | null;
  /** As `JSON.parse` gives it: nothing about its shape has been checked. */
  readonly value: unknown;
}

/** What may stand next at the top level. */
type State =
  | "{"
  | "{ or ["
  | "a key or }"
  | "a key"
  | ":"
  | "a value"
  | ", or }"
  | "an item or ]"
  | "an item"
  | ", or ]"
  | "nothing more";

/** Punctuation of the top level and where it leads. */
const NEXT: Readonly<Record<State, Readonly<Record<string, State>>>> = {
  "{": { "{": "a key or }" },
  "{ or [": { "{": "a key or }", "[": "an item or ]" },
  "a key or }": { "}": "nothing more" },
  "a key": {},
  ":": { ":": "a value" },
  "a value": { "[": "an item or ]" },
  ", or }": { ",": "a key", "}": "nothing more" },
  "an item or ]": { "]": ", or }" },
  "an item": {},
  ", or ]": { ",": "an item", "]": ", or }" },
  "nothing more": {},
};

/** States in which a value may start, and what stands after it. */
const AFTER: Readonly<Partial<Record<State, State>>> = {
  "a key or }": ":",
  "a key": ":",
  "a value": ", or }",
  "an item or ]": ", or ]",
  "an item": ", or ]",
};

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Takes the bytes of one JSON object in chunks and gives its values one by one; only the value at hand is kept.
 * With `allowList` it also takes one JSON list, whose items come under the key `""`.
 */
export class ObjectSplitter {
  readonly #path: string;
  /** Keys of the top level so far. */
  readonly keys = new Set<string>();
  /** Of the chunk at hand, in the file. */
  #offset = 0;
  #state: State;
  /** The file is a list, not an object. */
  isList = false;
  #key = "";
  #index = 0;
  #isCollecting = false;
  /** Earlier chunks of the value being collected. */
  #parts: Buffer[] = [];
  #partBytes = 0;
  /** Open brackets and braces within the value being collected. */
  #nesting = 0;
  #inString = false;
  #escaped = false;

  constructor(path: string, options: { readonly allowList?: boolean } = {}) {
    this.#path = path;
    this.#state = options.allowList === true ? "{ or [" : "{";
  }

  /** The value is complete; only white space may follow. */
  get isComplete(): boolean {
    return this.#state === "nothing more";
  }

  /** What was pushed so far ends within a string. */
  get endsInString(): boolean {
    return this.#inString;
  }

  /** The entries that end in this chunk. */
  push(chunk: Buffer): ResultFileEntry[] {
    const entries: ResultFileEntry[] = [];
    const marks = new StringMarks(chunk);
    let start = 0;
    for (let i = 0; i < chunk.length; i++) {
      if (this.#inString) {
        if (this.#escaped) {
          this.#escaped = false;
          continue;
        }
        i = marks.next(i);
        if (chunk[i] === BACKSLASH) this.#escaped = true;
        else if (chunk[i] === QUOTE) this.#inString = false;
        continue;
      }
      const byte = chunk[i]!;
      if (byte <= 0x20) continue;
      if (this.#isCollecting && (this.#nesting > 0 || !isDelimiter(byte))) {
        if (byte === QUOTE) this.#inString = true;
        else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#nesting += 1;
        else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) this.#nesting -= 1;
        continue;
      }
      if (this.#isCollecting) this.#finishValue(chunk.subarray(start, i), i, entries);

      const next = NEXT[this.#state][String.fromCharCode(byte)];
      const after = AFTER[this.#state];
      if (next !== undefined) {
        if (next === "an item or ]") this.#index = 0;
        if (this.#state === "{ or [" && byte === OPEN_BRACKET) this.isList = true;
        this.#state = this.isList && next === ", or }" ? "nothing more" : next;
      } else if (after !== undefined && (after === ":" ? byte === QUOTE : !isDelimiter(byte))) {
        this.#state = after;
        this.#isCollecting = true;
        start = i;
        i -= 1; // look at it again as the first byte of the value
      } else {
        throw this.#error(i, `expected ${this.#state}`);
      }
    }
    if (this.#isCollecting) {
      this.#parts.push(chunk.subarray(start));
      this.#partBytes += chunk.length - start;
      if (this.#partBytes > MAX_VALUE_BYTES) throw this.#error(0, `a value exceeds ${MAX_VALUE_BYTES} bytes`);
    }
    this.#offset += chunk.length;
    return entries;
  }

  /** @throws ResultFileError unless the object is complete. */
  end(): void {
    if (this.#state !== "nothing more") throw this.#error(0, `the file ends where ${this.#state} should stand`);
  }

  #finishValue(lastPart: Buffer, position: number, entries: ResultFileEntry[]): void {
    const bytes = this.#parts.length === 0 ? lastPart : Buffer.concat([...this.#parts, lastPart]);
    this.#parts = [];
    this.#partBytes = 0;
    this.#isCollecting = false;
    const value = this.#parse(bytes, position);
    if (this.#state === ":") this.#startKey(String(value), position);
    else entries.push({ key: this.#key, index: this.#state === ", or ]" ? this.#index++ : null, value });
  }

  #parse(bytes: Buffer, position: number): unknown {
    if (!isUtf8(bytes)) throw this.#error(position, "what stands before is not UTF-8");
    try {
      return JSON.parse(bytes.toString("utf8"));
    } catch (error) {
      const where = this.#state === ", or ]" ? ` (${this.isList ? "" : `${this.#key}, `}item ${this.#index})` : "";
      throw this.#error(position, `what stands before${where} is not JSON${nonFinite(bytes)}`, error);
    }
  }

  #startKey(key: string, position: number): void {
    if (this.keys.has(key)) throw this.#error(position, `the key ${JSON.stringify(key)} stands there twice`);
    this.keys.add(key);
    this.#key = key;
  }

  #error(position: number, problem: string, cause?: unknown): ResultFileError {
    return new ResultFileError(this.#path, this.#offset + position, problem, cause);
  }
}

/** Finds quotes and backslashes; fast on long strings, where native search is, and on short ones, where it is not. */
class StringMarks {
  readonly #bytes: Buffer;
  #quote = -1;
  #backslash = -1;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Position of the first quote or backslash at or after `from`, or the end. */
  next(from: number): number {
    const bytes = this.#bytes;
    const near = Math.min(from + NEAR_BYTES, bytes.length);
    for (let i = from; i < near; i++) {
      if (bytes[i] === QUOTE || bytes[i] === BACKSLASH) return i;
    }
    if (this.#quote < near) this.#quote = this.#find(QUOTE, near);
    if (this.#backslash < near) this.#backslash = this.#find(BACKSLASH, near);
    return Math.min(this.#quote, this.#backslash);
  }

  #find(byte: number, from: number): number {
    const found = this.#bytes.indexOf(byte, from);
    return found === -1 ? this.#bytes.length : found;
  }
}

function isDelimiter(byte: number): boolean {
  return byte === COMMA || byte === COLON || byte === CLOSE_BRACKET || byte === CLOSE_BRACE;
}

/** Names the numbers that Python writes and JSON does not have. */
function nonFinite(bytes: Buffer): string {
  const outsideStrings = bytes.toString("latin1", 0, MAX_SEARCH_BYTES).replace(/"[^"\\]*(?:\\[^][^"\\]*)*"?/g, "");
  const name = /-?Infinity|NaN/.exec(outsideStrings)?.[0];
  return name === undefined ? "" : `: JSON has no ${name}`;
}
