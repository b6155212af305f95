import { addRational, type Rational, rational } from "./rational.js";
import type { Budget } from "./undecided.js";

/** The value of a number token. */
export function parseNumber(text: string, repeating: number | undefined, budget: Budget): Rational {
  const [whole = "", decimals = ""] = text.split(".");
  const value = rational(BigInt(whole + decimals), 10n ** BigInt(decimals.length), budget);
  if (repeating === undefined) return value;
  // With r repeating digits, x·10^r − x has finitely many decimals.
  const shorter = decimals.slice(0, decimals.length - repeating);
  const start = rational(BigInt(whole + shorter || "0"), 10n ** BigInt(shorter.length), budget);
  const scale = 10n ** BigInt(repeating);
  const tail = rational(BigInt(decimals.slice(shorter.length)), (scale - 1n) * 10n ** BigInt(shorter.length), budget);
  return addRational(start, tail, budget);
}
