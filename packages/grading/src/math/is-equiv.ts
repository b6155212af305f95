import { stripString } from "./strip-string.js";

/**
 * Are two MATH answers the same once written the same way? Where either cannot be normalised, they must be equal as they stand.
 *
 * `null` stands for a missing answer. Two missing answers are equivalent, kept from the paper's code; one is not.
 * @see `is_equiv` of Hendrycks et al. (arXiv:2103.03874).
 */
export function isEquiv(a: string | null, b: string | null): boolean {
  if (a === null || b === null) return a === b;
  const strippedA = stripString(a);
  const strippedB = stripString(b);
  return strippedA === null || strippedB === null ? a === b : strippedA === strippedB;
}
