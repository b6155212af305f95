import { UsageError } from "@pka/core";

/** @throws UsageError unless `value` is a whole number of at least `minimum`. */
export function requireCount(name: string, value: number, minimum = 0): void {
  if (!Number.isSafeInteger(value) || value < minimum) {
    throw new UsageError(`${name} must be a whole number of at least ${minimum}, not ${value}`);
  }
}

/** @throws UsageError unless `value` lies strictly between 0 and 1. */
export function requireInside(name: string, value: number): void {
  if (!(value > 0 && value < 1)) {
    throw new UsageError(`${name} must lie between 0 and 1, both excluded, not ${value}`);
  }
}

/** @throws UsageError unless `values` holds a number at all, and finite ones only. */
export function requireNumbers(name: string, values: readonly number[]): void {
  if (values.length === 0) throw new UsageError(`${name} is empty: there is nothing to compare`);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad !== -1) throw new UsageError(`${name}[${bad}] must be a finite number, not ${values[bad]}`);
}

/** @throws UsageError unless the two lists are as long as each other. */
export function requireSameLength(
  [firstName, first]: readonly [string, { readonly length: number }],
  [secondName, second]: readonly [string, { readonly length: number }],
): void {
  if (first.length === second.length) return;
  throw new UsageError(
    `${firstName} and ${secondName} must be as long as each other, not ${first.length} and ${second.length}`,
  );
}

/** @throws UsageError naming the first value that lies outside [0, 1]. */
export function requireProbabilities(name: string, values: readonly number[]): void {
  const bad = values.findIndex((value) => !(value >= 0 && value <= 1));
  if (bad !== -1) throw new UsageError(`${name}[${bad}] must lie between 0 and 1, not ${values[bad]}`);
}

/** @throws UsageError unless `value` is one of `allowed`; callers without types can pass anything. */
export function requireOneOf(name: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return;
  throw new UsageError(`${name} must be one of ${allowed.join(", ")}, not ${JSON.stringify(value)}`);
}
