import { strip } from "../text/white-space.js";

const CANONICAL_INTEGER = /^(?:0|-?[1-9][0-9]*)$/;
const NOT_DIGIT_OR_UNDERSCORE = /[^\p{Nd}_]/u;
const INFORMATION_SEPARATOR = new RegExp(String.raw`[\x1c-\x1f]`);
/** Python refuses to convert longer numerals (`sys.get_int_max_str_digits`). */
const MAX_DIGITS = 4300;

/**
 * `a/b` of two integers becomes `\frac{a}{b}`. Integers that would not print back as they stand (`+1/2`, `1_0/2`) are left alone.
 *
 * @returns `null` where the original fails: there is one slash, and a side of it is no integer.
 */
export function fixASlashB(text: string): string | null {
  const slash = text.indexOf("/");
  if (slash < 0 || slash !== text.lastIndexOf("/")) return text;
  const a = text.slice(0, slash);
  const b = text.slice(slash + 1);
  if (!isPythonInteger(a) || !isPythonInteger(b)) return null;
  return CANONICAL_INTEGER.test(a) && CANONICAL_INTEGER.test(b) ? `\\frac{${a}}{${b}}` : text;
}

/** Does Python's `int(text)` accept it? White space around, a sign, single underscores between digits, digits of any script. */
function isPythonInteger(text: string): boolean {
  if (INFORMATION_SEPARATOR.test(text)) return false; // stripped by `strip()`, not by `int()`
  const unsigned = strip(text).replace(/^[+-]/, "");
  if (unsigned === "" || NOT_DIGIT_OR_UNDERSCORE.test(unsigned)) return false;
  if (unsigned.startsWith("_") || unsigned.endsWith("_") || unsigned.includes("__")) return false;
  return countDigits(unsigned) <= MAX_DIGITS;
}

function countDigits(digits: string): number {
  let count = 0;
  for (const character of digits) if (character !== "_") count++;
  return count;
}
