import { count } from "../format-figures.js";
import { html, type Html } from "../html/html.js";
import type { ReportRun, RowOutcome } from "../report-data.js";
import { outcomesIn } from "../report-rows.js";
import { OUTCOME_TITLES, runTitle } from "../titles.js";
import { chartRows, legend } from "./track.js";

const HEIGHT = 18;

/** What became of the rows of each run: one bar of all its rows. Outcomes that no run has are left out. */
export function outcomesChart(runs: readonly ReportRun[]): Html {
  const shown = outcomesIn(runs);
  const rows = runs.map((run) => ({
    label: html`<b>${runTitle(run)}</b>`,
    chart: bar(run, shown),
    figures: html`<span class="figure"
      >${count(run.outcomes.answered)}<small>of ${count(run.total)} answered</small></span
    >`,
  }));
  return html`${legend(shown.map((outcome) => ({ className: `outcome-${outcome}`, label: OUTCOME_TITLES[outcome] })))}
  ${chartRows(rows, html`<div></div>`)}`;
}

function bar(run: ReportRun, shown: readonly RowOutcome[]): Html {
  let at = 0;
  const parts = shown.map((outcome) => {
    const n = run.outcomes[outcome];
    const x = at;
    at += n;
    if (n === 0) return null;
    const width = `${((100 * n) / run.total).toFixed(3)}%`;
    return html`<rect
      class="outcome-${outcome}"
      x="${((100 * x) / run.total).toFixed(3)}%"
      width="${width}"
      height="${HEIGHT}"
      ><title>${OUTCOME_TITLES[outcome]}: ${count(n)} of ${count(run.total)}</title></rect
    >`;
  });
  return html`<svg class="bar-chart" height="${HEIGHT}" width="100%" aria-hidden="true" focusable="false">
    ${parts}
  </svg>`;
}
