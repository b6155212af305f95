import { EXPANSIONS, FUNCTIONS, GREEK, IGNORED, SYNONYMS, TEXT_COMMANDS } from "./commands.js";
import { Undecided } from "./undecided.js";
import { isUnitWord } from "./units.js";

export interface Token {
  /**
   * `number`: digits with at most one point; `letter`: a variable or constant; `text`: words;
   * `mark`: everything else, by its character or command, also `and` and `or`.
   */
  readonly kind: "number" | "letter" | "text" | "mark";
  readonly text: string;
  /** White space stands before it. */
  readonly isSpaced: boolean;
  /** A number whose last digits repeat: how many. */
  readonly repeating?: number;
  /** A word that is not marked as text. */
  readonly isBare?: boolean;
}

const PIECE = /(\s+)|(\\[a-zA-Z]+|\\[^]|\\$)|(\d+(?:\.\d+)?|\.\d+)|([a-zA-Z]+)|([^])/uy;
/** A group of thousands, after a separator that nothing else is written with. */
const MARKED_THOUSANDS = /(?:,?\s*\\!\s*|\{,\}|\\,\s*)(\d{3})(?!\d)/y;
/** After a comma, which separates the items of a list as well. */
const PLAIN_THOUSANDS = /,(\d{3})(?!\d)/y;
const DECIMALS = /\.\d+/y;
const REPEATING = /\\(?:overline|bar)\s*\{(\d+)\}/y;
const NON_ASCII = /[^\0-\x7f]/u;
const MAX_DIGITS = 1000;
const MAX_NESTED_TEXT = 3;

/**
 * The tokens of an answer, without what only changes its look. Time linear in its length.
 *
 * @throws Undecided
 */
export function tokenize(answer: string, nesting = 0): Token[] {
  const source = NON_ASCII.test(answer) ? Array.from(answer, (c) => EXPANSIONS.get(c) ?? c).join("") : answer;
  const tokens: Token[] = [];
  let brackets = 0;
  let isSpaced = false;
  let at = 0;

  const push = (kind: Token["kind"], text: string, more: Partial<Token> = {}) => {
    tokens.push({ kind, text, isSpaced, ...more });
    isSpaced = false;
  };

  /** Move past the match of a sticky pattern. */
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match === null) return undefined;
    at = pattern.lastIndex;
    return match[1] ?? match[0];
  };

  const pushNumber = (digits: string) => {
    let text = digits;
    if (tokens.at(-1)?.text === "\\frac") {
      // An argument without braces is one digit.
      if (text.includes(".")) throw new Undecided("ambiguous");
      const [numerator, denominator] = text;
      push("number", numerator!);
      if (denominator !== undefined) push("number", denominator);
      if (text.length <= 2) return;
      text = text.slice(2);
    }
    if (!text.includes(".")) {
      const canBeThousands = text.length <= 3 && !text.startsWith("0");
      let group = canBeThousands ? takeThousands() : undefined;
      for (; group !== undefined; group = takeThousands()) text += group;
      if (text.length > digits.length) text += take(DECIMALS) ?? "";
    }
    const repeating = text.includes(".") || source[at] === "." ? takeRepeating() : undefined;
    if (text.length > MAX_DIGITS) throw new Undecided("too-long");
    if (repeating === undefined) push("number", text);
    else push("number", (text.includes(".") ? text : `${text}.`) + repeating, { repeating: repeating.length });
  };
  const takeThousands = () => take(MARKED_THOUSANDS) ?? (brackets === 0 ? take(PLAIN_THOUSANDS) : undefined);
  const takeRepeating = () => {
    const start = at;
    if (source[at] === ".") at += 1;
    const digits = take(REPEATING);
    if (digits === undefined) at = start;
    return digits;
  };

  const pushText = (content: string, isMathFont: boolean) => {
    const words = content.trim();
    const separator = words.toLowerCase().replaceAll(/^,\s*|[,:]$/g, "");
    if (words === "") return;
    if (separator === "and" || separator === "or") push("mark", separator);
    else if (FUNCTIONS.has(words)) push("mark", `\\${words}`);
    else if (isMathFont && /^[a-zA-Z]$/.test(words)) push("letter", words);
    // Numbers, and lists of choices, in the wrong font.
    else if (/^[-\d\s.,+/()%:]+$/.test(words) || /^[A-Z](?:\s*,\s*(?:and\s+)?[A-Z])+$/.test(words)) {
      if (nesting >= MAX_NESTED_TEXT) throw new Undecided("too-deep");
      for (const token of tokenize(words, nesting + 1)) tokens.push(token);
    } else push("text", words);
  };

  const pushLetters = (letters: string) => {
    const follows = tokens.at(-1)?.kind;
    const [functionName] = /^(?:arc)?(?:sinh?|cosh?|tanh?|cot|sec|csc)(?=[a-z]?$)|^(?:ln|log|exp)$/.exec(letters) ?? [];
    if (letters === "and" || letters === "or") push("mark", letters);
    else if (letters === "pi" || letters === "sqrt") push("mark", `\\${letters}`);
    else if (letters === "inf" || letters === "infty" || letters === "infinity") push("mark", "\\infty");
    else if (functionName !== undefined && !(letters === "sec" && follows === "number")) {
      push("mark", `\\${functionName}`);
      for (const letter of letters.slice(functionName.length)) push("letter", letter);
    } else if (isWord(letters) || (isUnitWord(letters) && follows === "number"))
      push("text", letters, { isBare: true });
    else for (const letter of letters) push("letter", letter);
  };

  const pushCommand = (command: string) => {
    if (IGNORED.has(command)) {
      isSpaced ||= command !== "\\!";
      if ((command === "\\left" || command === "\\right") && source[at] === ".") at += 1;
    } else if (TEXT_COMMANDS.has(command)) {
      pushText(takeGroup(), command === "\\mathrm" || command === "\\operatorname");
    } else if (command === "\\begin" || command === "\\end") {
      push("mark", command);
      push("text", takeGroup());
    } else if (command === "\\mathbb") {
      push("mark", `\\${takeGroup()}`);
    } else if (command === "\\overline" || command === "\\bar") {
      const content = takeGroup();
      if (!/^[A-Z]+$/.test(content)) throw new Undecided("unsupported");
      push("text", content);
    } else if (GREEK.has(command)) push("letter", command);
    else push("mark", command);
  };

  /** The content of the braces that follow, or the next character. */
  const takeGroup = (): string => {
    while (source[at] === " ") at += 1;
    const start = at;
    if (source[at] !== "{") return source.slice(start, (at += 1));
    for (let depth = 0; at < source.length; at++) {
      if (source[at] === "{") depth += 1;
      if (source[at] === "}" && --depth === 0) return source.slice(start + 1, at++);
    }
    throw new Undecided("unsupported");
  };

  while (at < source.length) {
    PIECE.lastIndex = at;
    const [piece, space, command, digits, letters] = PIECE.exec(source)!;
    at += piece.length;
    if (space !== undefined) isSpaced = true;
    else if (digits !== undefined) pushNumber(digits);
    else if (letters !== undefined) pushLetters(letters);
    else {
      const name = SYNONYMS.get(piece) ?? piece;
      if (name === "(" || name === "[" || name === "\\{") brackets += 1;
      if (name === ")" || name === "]" || name === "\\}") brackets -= 1;
      if (command !== undefined || IGNORED.has(name) || GREEK.has(name)) pushCommand(name);
      else push("mark", name);
    }
  }
  return tokens;
}

/** Letters that are a word and not a product of variables. */
function isWord(letters: string): boolean {
  return letters.length >= 4 || (letters.length >= 2 && /^[A-Z][A-Z]+$|^[A-Z][a-z]{2,}$/.test(letters));
}
