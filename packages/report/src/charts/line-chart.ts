import { html, type Html } from "../html/html.js";
import { linearScale, niceTicks, type Scale } from "./scale.js";
import { axis } from "./track.js";

const PADDING = 8;
const AXIS_WIDTH = 44;

/** A curve with a band around it. */
export interface Line {
  /** Gives the colour. */
  readonly className: string;
  readonly points: readonly LinePoint[];
  /** Mark every point. */
  readonly hasDots?: boolean;
}

interface LinePoint {
  readonly x: number;
  readonly y: number;
  readonly interval?: { readonly lower: number; readonly upper: number } | null;
  /** Of the dot, where it is not that of the line. */
  readonly className?: string;
  /** Shown by the browser where the pointer rests on the dot. */
  readonly title?: string;
}

/** Steps of a training run: from 0, whole numbers at the ticks. */
export function stepScale(last: number): Scale {
  const max = Math.max(1, last);
  return linearScale(
    0,
    max,
    niceTicks(0, max).filter((tick) => Number.isInteger(tick) && tick <= max),
  );
}

/** A scale for all values of some lines; `0` is on it where it is asked for, and where all values are the same. */
export function valueScale(lines: readonly Line[], options: { readonly hasZero?: boolean } = {}): Scale {
  const values = lines.flatMap(({ points }) =>
    points.flatMap(({ y, interval }) => (interval ? [y, interval.lower, interval.upper] : [y])),
  );
  const isConstant = values.every((value) => value === values[0]);
  if (options.hasZero || isConstant) values.push(0);
  if (isConstant && values[0] === 0) values.push(1);
  const ticks = niceTicks(Math.min(...values), Math.max(...values));
  return linearScale(ticks[0]!, ticks.at(-1)!, ticks);
}

/** Lines over steps, each on its band. Screen readers skip it: the figures stand beneath it as a table. */
export function lineChart(options: {
  readonly lines: readonly Line[];
  readonly steps: Scale;
  readonly values: Scale;
  readonly height: number;
  readonly label: (tick: number) => string;
}): Html {
  const { lines, steps, values, height, label } = options;
  const yOf = (value: number) => PADDING + (height - 2 * PADDING) * (1 - values.fraction(value));
  const y = (value: number) => yOf(value).toFixed(1);
  const pointOf = (x: number, value: number) => `${steps.x(x).slice(0, -1)} ${y(value)}`;
  return html`<div class="line-chart" aria-hidden="true">
    <svg height="${height}" width="${AXIS_WIDTH}" class="axis" focusable="false">
      ${values.ticks.map((tick) => html`<text x="${AXIS_WIDTH - 6}" y="${(yOf(tick) + 4).toFixed(1)}">${label(tick)}</text>`)}
    </svg>
    <svg height="${height}" width="100%" class="lines" focusable="false">
      ${values.ticks.map((tick) => html`<line class="${tick === 0 && values.min < 0 ? "zero" : "grid"}" x1="0" x2="100%" y1="${y(tick)}" y2="${y(tick)}" />`)}
      <svg viewBox="0 0 100 ${height}" preserveAspectRatio="none" width="100%" height="${height}">
        ${lines.map(
          ({ className, points }) =>
            html`<g class="${className}">
              ${band(points)}
              <polyline points="${points.map(({ x, y: value }) => pointOf(x, value)).join(" ")}" />
            </g>`,
        )}
      </svg>
      ${lines.map(({ className, points, hasDots = points.length === 1 }) => hasDots && points.map((point) => dot(point, className)))}
    </svg>
    <div></div>
    ${axis(steps, (tick) => (tick === 0 ? "step 0" : tick.toLocaleString("en")))}
  </div>`;

  function band(points: readonly LinePoint[]): Html | null {
    const banded = points.filter(({ interval }) => interval);
    if (banded.length < 2) return null;
    const upper = banded.map(({ x, interval }) => pointOf(x, interval!.upper));
    const lower = banded.toReversed().map(({ x, interval }) => pointOf(x, interval!.lower));
    return html`<polygon class="band" points="${[...upper, ...lower].join(" ")}" />`;
  }

  function dot({ x, y: value, className, title }: LinePoint, lineClass: string): Html {
    return html`<circle class="dot ${className ?? lineClass}" cx="${steps.x(x)}" cy="${y(value)}" r="4">
      ${title !== undefined && html`<title>${title}</title>`}
    </circle>`;
  }
}
