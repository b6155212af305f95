import Table from "cli-table3";

/** Metrics as people call them. */
export const METRIC_TITLES = {
  exactMatch: "exact match",
  recall: "recall",
  accuracy: "accuracy",
  correct: "accuracy",
} as const;

/** A fraction in [0, 1] as per cent, one decimal. */
export function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}

/** A 95 % interval of a fraction: `[12.3, 45.6]`, in per cent. */
export function percentInterval({ lower, upper }: { lower: number; upper: number }): string {
  return `[${(100 * lower).toFixed(1)}, ${(100 * upper).toFixed(1)}]`;
}

/** Rows under a heading, aligned, without colours: the same on a terminal, in a pipe and in a log. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const grid = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  for (const row of rows) grid.push([...row]);
  return grid.toString();
}
