const FRAC = "\\frac";

/**
 * Put braces around one-character numerators and denominators: `\frac12` and `\frac1{2}` become `\frac{1}{2}`.
 * A `\frac` with a single character left after it leaves the whole text as it was.
 *
 * @returns `null` where the original fails: nothing follows a `\frac`.
 */
export function fixFracs(text: string): string | null {
  const [before = "", ...rests] = text.split(FRAC);
  let fixed = before;
  for (const rest of rests) {
    if (rest === "") return null;
    if (rest.startsWith("{")) {
      fixed += FRAC + rest;
      continue;
    }
    const [numerator, denominator] = firstTwoCharacters(rest);
    if (denominator === "") return text;
    const after = rest.slice(numerator.length + denominator.length);
    fixed += `${FRAC}{${numerator}}${denominator === "{" ? "{" : `{${denominator}}`}${after}`;
  }
  return fixed;
}

/** By code point, as Python indexes. */
function firstTwoCharacters(text: string): [string, string] {
  const [first = "", second = ""] = text.slice(0, 4);
  return [first, second];
}
