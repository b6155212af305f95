import Table from "cli-table3";

/** A fraction in [0, 1] as per cent, one decimal. */
export function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}

/** Two bounds of a fraction: `[12.3, 45.6]`, in per cent. */
export function percentInterval(
  bounds: { readonly lower: number; readonly upper: number } | readonly [lower: number, upper: number],
): string {
  const [lower, upper] = "lower" in bounds ? [bounds.lower, bounds.upper] : bounds;
  return `[${(100 * lower).toFixed(1)}, ${(100 * upper).toFixed(1)}]`;
}

/** A whole number with its thousands set off. */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** A confidence level in (0, 1) as per cent. */
export function confidenceLevel(confidence: number): string {
  return `${Number((100 * confidence).toPrecision(6))} %`;
}

/** Short names of files in tables: A for the first, B for the second, … */
export function letterOf(index: number): string {
  return index < 26 ? String.fromCharCode(0x41 + index) : `F${index + 1}`;
}

/** Rows under a heading, aligned, without colours: the same on a terminal, in a pipe and in a log. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const grid = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  for (const row of rows) grid.push([...row]);
  return grid.toString();
}
