import { type Command, InvalidArgumentError, Option, type OptionValues } from "@commander-js/extra-typings";
import type { Outcome } from "@pka/core";
import type { FailOnError, ResultMetric } from "@pka/harness";

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

/**
 * The options that bound what a command may ask, spend and get wrong.
 *
 * @param replies - What is paid for: "answers, of all datasets".
 */
export function withLimits<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
  replies: string,
) {
  return command
    .addOption(
      new Option(
        "--fail-on-error [limit]",
        "exit with 3 when a run ended with this many failed rows: true (any), false, a share below 1, a number",
      )
        .preset("true")
        .argParser(failOnErrorLimit),
    )
    .option(
      "--max-attempts <n>",
      "ask nothing more often than this, all runs of the command together",
      integerFrom(1),
      10,
    )
    .option(
      "--budget-usd <amount>",
      `stop once the ${replies} and all runs of the command, cost this much`,
      numberBetween(0, Infinity, { above: true }),
    )
    .option("--budget-tokens <n>", "the same in tokens, prompts included", integerFrom(1))
    .option("--prices <file>", "prices that come before the built-in ones (default: prices.json of the user)");
}

/** `true` (also where nothing stands behind the flag), `false`, a share of the rows below 1, or a number of rows. */
function failOnErrorLimit(text: string): FailOnError {
  if (text === "true" || text === "false") return text === "true";
  const limit = text.trim() === "" ? Number.NaN : Number(text);
  if (limit > 0 && (limit < 1 || Number.isSafeInteger(limit))) return limit;
  throw new InvalidArgumentError("It must be true, false, a share between 0 and 1, or a number of rows.");
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

/** A day as `2026-01-31`. */
export function calendarDate(text: string): string {
  const time = Date.parse(`${text}T00:00:00Z`);
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(time);
  // 2026-02-30 is read as the second of March.
  if (isDay && new Date(time).toISOString().startsWith(text)) return text;
  throw new InvalidArgumentError("It must be a date such as 2026-01-31.");
}

/** An `http:` or `https:` address, without a slash at its end. */
export function httpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new InvalidArgumentError("It must be an address such as http://127.0.0.1:8000/v1.");
  }
  return text.replace(/(?<!\/)\/+$/, "");
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

/** Outcomes separated by commas; which there are `checkRetry` says. */
export function collectOutcomes(text: string, previous: Outcome[] | undefined): Outcome[] {
  return [...(previous ?? []), ...text.split(",").map((name) => name.trim() as Outcome)];
}
