import type { Rational } from "./rational.js";

/** A scalar expression. */
export type Expression =
  | { readonly kind: "number"; readonly value: Rational }
  /** A variable, or one of `pi`, `e`, `i`, `infinity`. */
  | { readonly kind: "symbol"; readonly name: string }
  | { readonly kind: "sum"; readonly terms: readonly Expression[] }
  | { readonly kind: "product"; readonly factors: readonly Expression[] }
  | { readonly kind: "quotient"; readonly numerator: Expression; readonly denominator: Expression }
  | { readonly kind: "negation"; readonly of: Expression }
  | { readonly kind: "power"; readonly base: Expression; readonly exponent: Expression }
  /** Real for an odd index and a negative number, as `\sqrt[3]{-8}` is read. */
  | { readonly kind: "root"; readonly radicand: Expression; readonly index: number }
  /** In degrees; radians where a trigonometric function takes it, else the number that stands there. */
  | { readonly kind: "degrees"; readonly of: Expression }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] };

export const TRIGONOMETRIC = new Set(["sin", "cos", "tan", "cot", "sec", "csc"]);

/** 1 for ∞, −1 for −∞, 0 for everything else. */
export function infinitySign(expression: Expression): number {
  if (expression.kind === "symbol") return expression.name === "infinity" ? 1 : 0;
  return expression.kind === "negation" ? -infinitySign(expression.of) : 0;
}

export function containsInfinity(expression: Expression): boolean {
  if (expression.kind === "symbol") return expression.name === "infinity";
  return childrenOf(expression).some(containsInfinity);
}

/** Every symbol but the constants. */
export function variablesOf(expression: Expression, into: Set<string> = new Set()): Set<string> {
  if (expression.kind === "symbol" && !CONSTANTS.has(expression.name)) into.add(expression.name);
  for (const child of childrenOf(expression)) variablesOf(child, into);
  return into;
}

const CONSTANTS = new Set(["pi", "e", "i", "infinity"]);

function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "number":
    case "symbol":
      return [];
    case "sum":
      return expression.terms;
    case "product":
      return expression.factors;
    case "quotient":
      return [expression.numerator, expression.denominator];
    case "negation":
    case "degrees":
      return [expression.of];
    case "power":
      return [expression.base, expression.exponent];
    case "root":
      return [expression.radicand];
    case "call":
  }
  return expression.args;
}
