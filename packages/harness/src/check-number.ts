import { UsageError } from "@pka/core";

/** @throws UsageError naming an option that is given and is not what it must be. */
export function checkNumber(
  name: string,
  value: number | undefined,
  holds: (value: number) => boolean,
  expected: string,
): void {
  if (value === undefined || (Number.isFinite(value) && holds(value))) return;
  throw new UsageError(`${name} is ${value}: it must be ${expected}`);
}

export function isPositiveInteger(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}
