import type { Token } from "./tokenize.js";
import { Undecided } from "./undecided.js";

/** Brackets that close each other; `(` and `[` may close with either, as half-open intervals do. */
const CLOSING: ReadonlyMap<string, string> = new Map([
  ["(", ")]"],
  ["[", ")]"],
  ["{", "}"],
  ["\\{", "\\}"],
  ["\\begin", "\\end"],
]);
const IS_CLOSING = new Set([")", "]", "}", "\\}", "\\end"]);
const MAX_DEPTH = 50;

/** Which bracket closes which, for the tokens of one answer. */
export class Brackets {
  readonly #partner: Int32Array;

  /** @throws Undecided when they do not match. */
  constructor(tokens: readonly Token[]) {
    this.#partner = new Int32Array(tokens.length).fill(-1);
    const open: number[] = [];
    for (const [at, { kind, text }] of tokens.entries()) {
      if (kind !== "mark") continue;
      if (CLOSING.has(text)) {
        if (open.length >= MAX_DEPTH) throw new Undecided("too-deep");
        open.push(at);
      } else if (IS_CLOSING.has(text)) {
        const start = open.pop();
        if (start === undefined || !CLOSING.get(tokens[start]!.text)!.includes(text))
          throw new Undecided("unsupported");
        this.#partner[start] = at;
      }
    }
    if (open.length > 0) throw new Undecided("unsupported");
  }

  /** Where the bracket that opens here is closed; −1 when none opens here. */
  closing(at: number): number {
    return this.#partner[at] ?? -1;
  }
}
