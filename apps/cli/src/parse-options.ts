import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import type { ResultMetric } from "@pka/harness";

/**
 * Let every flag be written with `_` or `-`: `--top_p 1` and `--top_p=1` are `--top-p 1`.
 * Values keep their underscores, and so does everything behind a lone `--`.
 */
export function normalizeSpelling(argv: readonly string[]): string[] {
  const end = argv.indexOf("--");
  return argv.map((argument, index) => {
    if (!argument.startsWith("--") || (end !== -1 && index >= end)) return argument;
    const [name = "", ...value] = argument.split("=");
    return [name.replaceAll("_", "-"), ...value].join("=");
  });
}

/** `yes` or `no`, as the paper's scripts spell booleans. */
function yesNo(text: string): boolean {
  if (text === "yes") return true;
  if (text === "no") return false;
  throw new InvalidArgumentError("Say yes or no.");
}

/** An option that takes {@link yesNo}. */
export function yesNoOption<Flags extends string>(flags: Flags, description: string, fallback: boolean) {
  return new Option(flags, description).argParser(yesNo).default(fallback, fallback ? "yes" : "no");
}

/** A finite number in [min, max]; an open end is written as ±Infinity, `above` excludes `min` itself. */
export function numberBetween(min: number, max: number, { above = false } = {}): (text: string) => number {
  const range = `${above ? "above" : "at least"} ${min}${max === Infinity ? "" : ` and at most ${max}`}`;
  return (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (!Number.isFinite(value) || value > max || (above ? value <= min : value < min)) {
      throw new InvalidArgumentError(`It must be a number ${range}.`);
    }
    return value;
  };
}

/** A safe integer ≥ `min`. */
export function integerFrom(min: number): (text: string) => number {
  return (text) => {
    const value = /^[+-]?\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value) || value < min)
      throw new InvalidArgumentError(`It must be a whole number from ${min}.`);
    return value;
  };
}

/** An `http:` or `https:` address, without a slash at its end. */
export function httpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new InvalidArgumentError("It must be an address such as http://127.0.0.1:8000/v1.");
  }
  return text.replace(/\/+$/, "");
}

const METRICS: ReadonlyMap<string, ResultMetric> = new Map([
  ["recall", "recall"],
  ["exact_match", "exactMatch"],
  ["correct", "correct"],
]);

/** A metric by its name in result files. */
export function metricFlag(text: string): ResultMetric {
  const metric = METRICS.get(text.replaceAll("-", "_"));
  if (metric === undefined) throw new InvalidArgumentError(`It must be one of ${[...METRICS.keys()].join(", ")}.`);
  return metric;
}

/** For an option that may be given several times. */
export function collect<T>(parse: (text: string) => T): (text: string, previous: T[] | undefined) => T[] {
  return (text, previous) => [...(previous ?? []), parse(text)];
}
