const SPACED_BOX = "\\boxed ";

/**
 * The last box of a text, with its command: `\boxed{…}` or, where there is none, `\fbox{…}`, up to the brace that closes it.
 * If `\boxed ` with a space occurs anywhere, what follows its last occurrence counts instead, up to the next `$`.
 *
 * @returns `null` when there is no box or its braces never close.
 * @see `last_boxed_only_string` of Hendrycks et al. (arXiv:2103.03874), as the paper's `run_eval_math.py` uses it.
 */
export function lastBoxedOnlyString(text: string): string | null {
  const spaced = text.lastIndexOf(SPACED_BOX);
  if (spaced >= 0) {
    const dollar = text.indexOf("$", spaced);
    return text.slice(spaced, dollar < 0 ? undefined : dollar);
  }
  const boxed = text.lastIndexOf("\\boxed");
  const start = boxed < 0 ? text.lastIndexOf("\\fbox") : boxed;
  if (start < 0) return null;

  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const character = text[i];
    if (character === "{") depth++;
    if (character === "}" && --depth === 0) return text.slice(start, i + 1);
  }
  return null;
}
