import { fixASlashB } from "./fix-a-slash-b.js";
import { fixFracs } from "./fix-fracs.js";
import { fixSqrt } from "./fix-sqrt.js";
import { removeRightUnits } from "./remove-right-units.js";

/**
 * The form in which two MATH answers are compared: no spaces, sizes, degrees, percent signs or trailing unit, one way to
 * write a fraction or a root, `k=5` as `5`, `.5` as `0.5`, `0.5` as `\frac{1}{2}`.
 *
 * @returns `null` where the original fails (a lone `\frac`, two units, `x/y`); the answers are then compared as they stand.
 * @see `strip_string` of Hendrycks et al. (arXiv:2103.03874).
 */
export function stripString(answer: string): string | null {
  let text: string | null = answer
    .replaceAll("\n", "")
    .replaceAll("\\!", "")
    .replaceAll("\\\\", "\\")
    .replaceAll("tfrac", "frac")
    .replaceAll("dfrac", "frac")
    .replaceAll("\\left", "")
    .replaceAll("\\right", "")
    .replaceAll("^{\\circ}", "")
    .replaceAll("^\\circ", "")
    .replaceAll("\\$", "");
  text = removeRightUnits(text);
  if (text === null) return null;
  text = text
    .replaceAll("\\%", "")
    .replaceAll("\\%", "") // as the original: once more for what the first pass brought together
    .replaceAll(" .", " 0.")
    .replaceAll("{.", "{0.");
  if (text === "") return "";
  if (text.startsWith(".")) text = `0${text}`;
  text = fixSqrt(dropShortLeftSide(text))?.replaceAll(" ", "") ?? null;
  if (text === null) return null;
  text = fixFracs(text);
  if (text === null) return null;
  return fixASlashB(text === "0.5" ? "\\frac{1}{2}" : text);
}

/** `k = 5` is `5`: with one equals sign, a left side of at most two characters goes. */
function dropShortLeftSide(text: string): string {
  const equals = text.indexOf("=");
  if (equals < 0 || equals !== text.lastIndexOf("=")) return text;
  const leftSide = Array.from(text.slice(0, Math.min(equals, 5))); // by code point, as Python counts
  return leftSide.length <= 2 ? text.slice(equals + 1) : text;
}
