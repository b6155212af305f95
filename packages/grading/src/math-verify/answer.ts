import type { Expression } from "./expression.js";

/** What an answer says, by its form. */
export type Answer =
  | Value
  /** A numeral with its base: `101_2`. Never compared by value. */
  | { readonly kind: "numeral"; readonly digits: string; readonly base: number }
  | { readonly kind: "equation"; readonly left: Expression; readonly right: Value }
  /** Sides in ascending order; one relation between each two. */
  | { readonly kind: "inequality"; readonly sides: readonly Expression[]; readonly relations: readonly Relation[] }
  /** `x \in [0,1]` */
  | { readonly kind: "membership"; readonly name: Expression; readonly set: Answer }
  /** `1, 2`, `1 or 2`, `\{1, 2\}`: order does not matter; in braces repetition neither. `or` joins conditions. */
  | {
      readonly kind: "list";
      readonly items: readonly Answer[];
      readonly isInBraces: boolean;
      readonly isAlternative: boolean;
    }
  /** Points, vectors and intervals: order and brackets matter. */
  | { readonly kind: "tuple"; readonly items: readonly Answer[]; readonly open: string; readonly close: string }
  | { readonly kind: "union"; readonly pieces: readonly Answer[]; readonly without?: Answer }
  | { readonly kind: "matrix"; readonly rows: readonly (readonly Expression[])[] }
  | { readonly kind: "ratio"; readonly parts: readonly Expression[]; readonly isTime: boolean }
  | { readonly kind: "text"; readonly words: string };

export interface Value {
  readonly kind: "value";
  readonly expression: Expression;
  readonly isPercent: boolean;
  /** `undefined`: none, or one that says nothing. */
  readonly unit: string | undefined;
}

export type Relation = "<" | "\\le" | "\\ne";
