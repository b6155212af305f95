import type { Bounds } from "./report-data.js";

/** A fraction as per cent with one decimal, without the sign: `58.3`. */
export function percent(fraction: number): string {
  return (100 * fraction).toFixed(1);
}

/** A difference of fractions in points, signed with a real minus: `+3.2`, `−0.4`, `0.0`. */
export function points(difference: number): string {
  const text = (100 * Math.abs(difference)).toFixed(1);
  return Number(text) === 0 ? text : `${difference < 0 ? "−" : "+"}${text}`;
}

/** `[56.6, 59.9]` */
export function percentInterval({ lower, upper }: Bounds): string {
  return `[${percent(lower)}, ${percent(upper)}]`;
}

/** `[+1.2, +4.5]` */
export function pointsInterval({ lower, upper }: Bounds): string {
  return `[${points(lower)}, ${points(upper)}]`;
}

/** `3,610` */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}

/** A mean length: one decimal below 100, whole above. */
export function length(value: number): string {
  return value < 100 ? value.toFixed(1) : count(value);
}

/** A difference of lengths, signed with a real minus: `+12.3`, `−1,204`. */
export function signed(difference: number): string {
  return `${difference < 0 ? "−" : "+"}${length(Math.abs(difference))}`;
}

/** `p = 0.031`, `p < 0.001` */
export function pValue(p: number): string {
  if (p < 0.001) return "p < 0.001";
  return `p = ${p < 0.1 ? p.toFixed(3) : p.toFixed(2)}`;
}

/** A figure of any size in three digits: `0.00123`, `12.3`, `1,234`; a real minus. */
export function figure(value: number): string {
  const size = Math.abs(value);
  if (size > 0 && size < 1e-4) return value.toExponential(1).replaceAll("-", "−");
  const digits = size >= 1000 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 };
  return value.toLocaleString("en", digits).replace("-", "−");
}
