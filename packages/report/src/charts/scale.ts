/**
 * Where a value lies across a chart, as a percentage of its width: charts are as wide as the page lets them, without a script and
 * without distorting text or dots.
 */
export interface Scale {
  readonly min: number;
  readonly max: number;
  /** In [0, 1]; values outside are put on the edge. */
  fraction(value: number): number;
  /** `12.34%`; values outside are put on the edge. */
  x(value: number): string;
  /** The width of a stretch. */
  width(from: number, to: number): string;
  readonly ticks: readonly number[];
}

/** Of the inner width, left free on both sides so that dots and labels at the edges stay whole. */
const MARGIN = 2;

export function linearScale(min: number, max: number, ticks: readonly number[]): Scale {
  return scaleOf(min, max, ticks, (value) => (value - min) / (max - min));
}

/** @param min - Above 0. */
export function logScale(min: number, max: number): Scale {
  const ticks = [];
  for (let power = 1; power <= max; power *= 10) {
    for (const digit of [1, 3]) if (digit * power >= min && digit * power <= max) ticks.push(digit * power);
  }
  const decades = Math.log(max / min);
  return scaleOf(min, max, ticks, (value) => Math.log(Math.max(value, min) / min) / decades);
}

/** Round steps that cover [min, max] in about four. */
export function niceTicks(min: number, max: number): number[] {
  const rough = Math.max(max - min, 1e-9) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((size) => size >= rough)!;
  const ticks = [];
  for (let i = Math.floor(min / step); i <= Math.ceil(max / step); i++) ticks.push(i * step);
  return ticks;
}

function scaleOf(min: number, max: number, ticks: readonly number[], fraction: (value: number) => number): Scale {
  const within = (value: number) => Math.min(1, Math.max(0, fraction(value)));
  const position = (value: number) => MARGIN + (100 - 2 * MARGIN) * within(value);
  return {
    min,
    max,
    ticks,
    fraction: within,
    x: (value) => `${position(value).toFixed(2)}%`,
    width: (from, to) => `${Math.max(0, position(to) - position(from)).toFixed(2)}%`,
  };
}
