import { type Html, html } from "../html/html.js";
import type { Bounds } from "../report-data.js";
import type { Scale } from "./scale.js";

/** One horizontal strip of a chart, with its grid lines. Screen readers skip it: the figures stand beside it as text. */
export function track(scale: Scale, height: number, marks: Html | readonly Html[], className = ""): Html {
  const grid = scale.ticks.map(
    (tick) => html`<line class="grid" x1="${scale.x(tick)}" x2="${scale.x(tick)}" y1="0" y2="${height}" />`,
  );
  return html`<svg class="track ${className}" height="${height}" width="100%" aria-hidden="true" focusable="false">
    ${grid}${marks}
  </svg>`;
}

/** A value as a dot on its interval, where it has one, in the middle of a strip. */
export function intervalDot(scale: Scale, height: number, value: number, interval: Bounds | null): Html {
  const middle = height / 2;
  return html`${
      interval !== null &&
      html`<line
        class="whisker"
        x1="${scale.x(interval.lower)}"
        x2="${scale.x(interval.upper)}"
        y1="${middle}"
        y2="${middle}"
      />`
    }<circle class="dot" cx="${scale.x(value)}" cy="${middle}" r="5" />`;
}

/** The axis below or above a stack of tracks. */
export function axis(scale: Scale, label: (tick: number) => string, maxLabels = 7): Html {
  const every = Math.ceil(scale.ticks.length / maxLabels);
  // Where 0 is among the ticks, it is among the labels.
  const first = Math.max(0, scale.ticks.indexOf(0)) % every;
  const labels = scale.ticks
    .filter((_, i) => i % every === first)
    .map((tick) => html`<text x="${scale.x(tick)}" y="13">${label(tick)}</text>`);
  return html`<svg class="axis" height="18" width="100%" aria-hidden="true" focusable="false">${labels}</svg>`;
}

/** A list of labelled tracks: label, chart, figures. */
export function chartRows(
  rows: readonly { readonly label: Html | string; readonly chart: Html; readonly figures: Html | string }[],
  foot: Html,
): Html {
  return html`<ul class="chart">
      ${rows.map(
        ({ label, chart, figures }) =>
          html`<li>
            <div class="label">${label}</div>
            ${chart}
            <div class="figures">${figures}</div>
          </li>`,
      )}
    </ul>
    <div class="chart-foot" aria-hidden="true">
      <div></div>
      ${foot}
      <div></div>
    </div>`;
}

/** What the colours of a chart stand for. */
export function legend(items: readonly { readonly className: string; readonly label: string }[]): Html {
  return html`<ul class="legend">
    ${items.map(({ className, label }) => html`<li><span class="swatch ${className}"></span>${label}</li>`)}
  </ul>`;
}
