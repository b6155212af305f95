import type { Brackets } from "./brackets.js";
import type { Token } from "./tokenize.js";
import { Undecided } from "./undecided.js";

/** A place in a range of tokens. */
export class TokenCursor {
  #at: number;
  #end: number;

  constructor(
    readonly tokens: readonly Token[],
    readonly brackets: Brackets,
    start: number,
    end: number,
  ) {
    this.#at = start;
    this.#end = end;
  }

  /** The token here; `undefined` at the end of the range. */
  get next(): Token | undefined {
    return this.peek(0);
  }

  /** A token at some distance; `undefined` beyond the end of the range. */
  peek(distance: number): Token | undefined {
    return this.#at + distance < this.#end ? this.tokens[this.#at + distance] : undefined;
  }

  isAt(mark: string): boolean {
    return this.next?.kind === "mark" && this.next.text === mark;
  }

  /** Move past a mark if it stands here. */
  take(mark: string): boolean {
    if (!this.isAt(mark)) return false;
    this.#at += 1;
    return true;
  }

  skip(count: number): void {
    this.#at += count;
  }

  /** The tokens of an argument: braces with what is in them, or one token. */
  takeArgument(): readonly Token[] {
    const start = this.#at;
    this.#at = (this.isAt("{") ? this.brackets.closing(start) : start) + 1;
    return this.tokens.slice(start, this.#at);
  }

  /**
   * Parse what stands in the brackets that open here, to their end.
   *
   * @throws Undecided when something is left, or a bracket of another kind closes.
   */
  inside<Result>(parse: () => Result): Result {
    const end = this.#end;
    const close = this.brackets.closing(this.#at);
    if (this.isAt("(") !== (this.tokens[close]?.text === ")")) throw new Undecided("unsupported");
    this.#at += 1;
    this.#end = close;
    const result = parse();
    if (this.#at < close) throw new Undecided("unsupported");
    this.#at = close + 1;
    this.#end = end;
    return result;
  }
}
