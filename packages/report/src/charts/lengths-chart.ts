import { count, length } from "../format-figures.js";
import { html, type Html } from "../html/html.js";
import type { LengthSummary, ReportRun } from "../report-data.js";
import { runTitle } from "../titles.js";
import { logScale, type Scale } from "./scale.js";
import { axis, chartRows, legend, track } from "./track.js";

const HALF = 30;
const HEIGHT = 2 * HALF + 1;

/**
 * Two histograms per run on one logarithmic axis: rows that were right above the line, rows that were wrong below it.
 * Each side shows shares of its own rows, so shapes compare whatever the rate.
 */
export function lengthsChart(
  runs: readonly ReportRun[],
  summaryOf: (run: ReportRun) => LengthSummary | null,
): Html | null {
  const items = runs.flatMap((run) => {
    const summary = summaryOf(run);
    return summary === null ? [] : [{ run, summary }];
  });
  const first = items[0]?.summary;
  if (first === undefined) return null;
  const scale = logScale(first.edges[0]!, first.edges.at(-1)!);
  const rows = items.map(({ run, summary }) => ({
    label: html`<b>${runTitle(run)}</b>`,
    chart: track(
      scale,
      HEIGHT,
      [
        html`<g class="right">${bars(summary.right, summary, scale, "up")}</g>`,
        html`<g class="wrong">${bars(summary.wrong, summary, scale, "down")}</g>`,
        html`<line class="zero" x1="0" x2="100%" y1="${HALF + 0.5}" y2="${HALF + 0.5}" />`,
        medianMark(summary.medianRight, scale, "right", 0, HALF),
        medianMark(summary.medianWrong, scale, "wrong", HALF + 1, HEIGHT),
      ],
      "lengths",
    ),
    figures: html`<span class="figure right"
        ><span class="sr">median when right: </span>${figure(summary.medianRight)}<small
          >n ${count(summary.rowsRight)}</small
        ></span
      >
      <span class="figure wrong"
        ><span class="sr">median when wrong: </span>${figure(summary.medianWrong)}<small
          >n ${count(summary.rowsWrong)}</small
        ></span
      >`,
  }));
  return html`${legend([
    { className: "right", label: "right, above the line" },
    { className: "wrong", label: "wrong, below the line" },
  ])}${chartRows(
    rows,
    axis(scale, (tick) => (tick >= 1000 ? `${tick / 1000}k` : String(tick))),
  )}`;
}

function bars(
  counts: readonly number[],
  { edges, right, wrong }: LengthSummary,
  scale: Scale,
  to: "up" | "down",
): Html {
  const total = counts.reduce((sum, n) => sum + n, 0);
  if (total === 0) return html``;
  const shares = counts.map((n) => n / total);
  const highest = Math.max(...shareOf(right), ...shareOf(wrong));
  return html`${shares.map((share, i) => {
    if (share === 0) return null;
    const height = Math.max(1, (share / highest) * (HALF - 2));
    const y = to === "up" ? HALF - height : HALF + 1;
    return html`<rect
      x="${scale.x(edges[i]!)}"
      width="${scale.width(edges[i]!, edges[i + 1]!)}"
      y="${y.toFixed(1)}"
      height="${height.toFixed(1)}"
    />`;
  })}`;
}

function shareOf(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, n) => sum + n, 0);
  return counts.map((n) => (total === 0 ? 0 : n / total));
}

function medianMark(value: number | null, scale: Scale, className: string, y1: number, y2: number): Html {
  if (value === null) return html``;
  return html`<line class="median ${className}" x1="${scale.x(value)}" x2="${scale.x(value)}" y1="${y1}" y2="${y2}" />`;
}

function figure(median: number | null): string {
  return median === null ? "–" : length(median);
}
