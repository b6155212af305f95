/** Metrics of one step: name to value. NaN where a value could not be had. */
export type Metrics = Readonly<Record<string, number>>;

/** Where metrics go. */
export interface MetricSink {
  log(step: number, metrics: Metrics): void;
  close(): void | Promise<void>;
}

/** A table for people: one metric a line, by name, fractions with 6 decimals. */
export function formatMetrics(metrics: Metrics): string {
  const names = Object.keys(metrics).toSorted();
  const width = Math.max(...names.map((name) => name.length), 0);
  return names.map((name) => `${name.padEnd(width)}  ${formatMetric(metrics[name]!)}`).join("\n");
}

function formatMetric(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(6);
}
