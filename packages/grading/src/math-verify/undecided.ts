/** Why two answers could not be compared. */
export type UndecidedReason =
  /** One side has no answer. */
  | "missing"
  /** Longer than the limit. */
  | "too-long"
  /** More brackets inside each other than the limit. */
  | "too-deep"
  /** The step budget is used up. */
  | "too-much-work"
  /** Not in the grammar, such as a sum over an index. */
  | "unsupported"
  /** Readers differ on what is meant, such as `1/2x`. */
  | "ambiguous"
  /** Infinite, divided by zero, or too large for a double. */
  | "not-finite"
  /** The same content in another form whose meaning the question decides, such as `1, 2` for `(1,2)`. */
  | "other-form";

/** Thrown inside the verifier where it has to give up; `verifyMath` turns it into a verdict. */
export class Undecided extends Error {
  constructor(readonly reason: UndecidedReason) {
    super(reason);
  }
}

/** Counts elementary steps instead of time, so that a verdict does not depend on the machine. */
export class Budget {
  constructor(private left: number) {}

  /** @throws Undecided when the budget is used up. */
  spend(steps: number): void {
    this.left -= steps;
    if (this.left < 0) throw new Undecided("too-much-work");
  }
}
