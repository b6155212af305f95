const SQRT = "\\sqrt";

/**
 * Put braces around a one-character radicand: `\sqrt3` becomes `\sqrt{3}`.
 *
 * @returns `null` where the original fails: nothing follows a `\sqrt`.
 */
export function fixSqrt(text: string): string | null {
  const [before = "", ...rests] = text.split(SQRT);
  let fixed = before;
  for (const rest of rests) {
    if (rest === "") return null;
    const first = String.fromCodePoint(rest.codePointAt(0)!); // by code point, as Python indexes
    fixed += first === "{" ? SQRT + rest : `${SQRT}{${first}}${rest.slice(first.length)}`;
  }
  return fixed;
}
