import { PkaError } from "@pka/core";

const MAX_VALUE_BYTES = 2 ** 28;

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

/** Takes the bytes of one JSON object in chunks and gives its values one by one; only the value at hand is kept. */
export class ObjectSplitter {
  readonly #path: string;
  /** Of the chunk at hand, in the file. */
  #offset = 0;
  #state: State = "{";
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

  constructor(path: string) {
    this.#path = path;
  }

  /** The entries that end in this chunk. */
  push(chunk: Buffer): ResultFileEntry[] {
    const entries: ResultFileEntry[] = [];
    let start = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inString = false;
        continue;
      }
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
        this.#state = next;
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
    const text = Buffer.concat([...this.#parts, lastPart]).toString("utf8");
    this.#parts = [];
    this.#partBytes = 0;
    this.#isCollecting = false;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw this.#error(position, "what stands before is not JSON", error);
    }
    if (this.#state === ":") this.#key = String(value);
    else entries.push({ key: this.#key, index: this.#state === ", or ]" ? this.#index++ : null, value });
  }

  #error(position: number, problem: string, cause?: unknown): ResultFileError {
    return new ResultFileError(this.#path, this.#offset + position, problem, cause);
  }
}

function isDelimiter(byte: number): boolean {
  return byte === COMMA || byte === COLON || byte === CLOSE_BRACKET || byte === CLOSE_BRACE;
}
