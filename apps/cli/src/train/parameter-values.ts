import { InvalidArgumentError } from "@commander-js/extra-typings";
import { integerFrom } from "../parse-options.js";

/** `None` as the paper's scripts write it, or what `parse` makes of the text. */
export function orNone<T>(parse: (text: string) => T): (text: string) => T | null {
  return (text) => (text === "None" ? null : parse(text));
}

/** A boolean as the paper's scripts take it, or `yes` and `no`; a flag without a value is true. */
export function bool(text: string): boolean {
  if (["t", "true", "1", "yes"].includes(text.toLowerCase())) return true;
  if (["f", "false", "0", "no"].includes(text.toLowerCase())) return false;
  throw new InvalidArgumentError("Say true or false.");
}

/** A finite number from 0. */
export function nonNegative(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError("It must be a number from 0.");
}

export const count = integerFrom(0);
export const positive = integerFrom(1);

export function names(text: string): string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
