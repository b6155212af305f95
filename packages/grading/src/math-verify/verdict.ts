import { Undecided, type UndecidedReason } from "./undecided.js";

/** How a verdict was reached; see the README for the rules. */
export type MathVerification =
  /** `text`: written the same; `exact`: by exact arithmetic; `numeric`: by complex floating-point values at fixed points. */
  | { readonly verdict: "equivalent"; readonly reason: "text" | "exact" | "numeric" }
  /** `value`: another value; `form`: another kind of answer, such as a closed interval for an open one. */
  | { readonly verdict: "different"; readonly reason: "value" | "form" }
  | { readonly verdict: "undecided"; readonly reason: UndecidedReason };

export const SAME_TEXT: MathVerification = { verdict: "equivalent", reason: "text" };
export const EXACT: MathVerification = { verdict: "equivalent", reason: "exact" };
export const NUMERIC: MathVerification = { verdict: "equivalent", reason: "numeric" };
export const OTHER_VALUE: MathVerification = { verdict: "different", reason: "value" };
export const OTHER_FORM: MathVerification = { verdict: "different", reason: "form" };

export function undecided(reason: UndecidedReason): MathVerification {
  return { verdict: "undecided", reason };
}

/** The verdict on a whole whose parts must all agree: the first difference, else the first doubt, else the weakest agreement. */
export function every(parts: Iterable<MathVerification>): MathVerification {
  let whole = EXACT;
  for (const part of parts) {
    if (part.verdict === "different") return part;
    if (part.verdict === "undecided") whole = part;
    else if (whole.verdict === "equivalent" && part.reason !== "exact") whole = part;
  }
  return whole;
}

/** Agreement if any part agrees, else the first doubt, else a difference. */
export function some(parts: Iterable<MathVerification>): MathVerification {
  let whole = OTHER_VALUE;
  for (const part of parts) {
    if (part.verdict === "equivalent") return part;
    if (part.verdict === "undecided" && whole.verdict === "different") whole = part;
  }
  return whole;
}

/** Run a comparison; where it gives up, that is its verdict. A used-up budget ends the whole comparison instead. */
export function decide(compare: () => MathVerification): MathVerification {
  try {
    return compare();
  } catch (error) {
    if (error instanceof Undecided && error.reason !== "too-much-work") return undecided(error.reason);
    throw error;
  }
}
