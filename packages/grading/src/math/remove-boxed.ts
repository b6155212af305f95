const SPACED_BOX = "\\boxed ";
const BOX = "\\boxed{";

/**
 * The content of a box that `lastBoxedOnlyString` found.
 *
 * @returns `null` where the original fails: the string is not `\boxed …` or `\boxed{…}`, such as an `\fbox`.
 * @see `remove_boxed` of Hendrycks et al. (arXiv:2103.03874).
 */
export function removeBoxed(box: string): string | null {
  if (box.includes(SPACED_BOX)) return box.startsWith(SPACED_BOX) ? box.slice(SPACED_BOX.length) : null;
  return box.startsWith(BOX) && box.endsWith("}") ? box.slice(BOX.length, -1) : null;
}
