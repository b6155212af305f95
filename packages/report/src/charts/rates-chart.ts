import { count, percent, percentInterval } from "../format-figures.js";
import { html, type Html } from "../html/html.js";
import { type MetricRate, REPORT_METRICS, type ReportMetric, type ReportRun } from "../report-data.js";
import { METRIC_TITLES, runTitle } from "../titles.js";
import { linearScale } from "./scale.js";
import { axis, chartRows, intervalDot, legend, track } from "./track.js";

const HEIGHT = 30;

/** Every rate of every run of one dataset as a dot on its 95 % interval, from 0 to 100 %. */
export function ratesChart(runs: readonly ReportRun[]): Html {
  const scale = linearScale(0, 1, [0, 0.25, 0.5, 0.75, 1]);
  const shown = REPORT_METRICS.filter((metric) => runs.some((run) => run.metrics[metric] !== undefined));
  const rows = runs.map((run) => {
    const rates = shown.flatMap((metric) => {
      const rate = run.metrics[metric];
      return rate === undefined ? [] : [{ metric, rate }];
    });
    return {
      label: html`<b>${runTitle(run)}</b>`,
      chart: track(
        scale,
        HEIGHT,
        rates.map(({ metric, rate }) => dot(metric, rate)),
      ),
      figures: rates.map(({ metric, rate }) => figure(metric, rate)).reduce((a, b) => html`${a} ${b}`, html``),
    };
  });
  return html`${legend(shown.map((metric) => ({ className: `metric-${metric}`, label: METRIC_TITLES[metric] })))}
  ${chartRows(
    rows,
    axis(scale, (tick) => `${100 * tick}${tick === 1 ? " %" : ""}`),
  )}`;

  function dot(metric: ReportMetric, { rate, interval, successes, rows: n }: MetricRate): Html {
    if (rate === null) return html``;
    const range = interval === null ? "" : ` ${percentInterval(interval)}`;
    return html`<g class="metric-${metric}"
      ><title>${METRIC_TITLES[metric]} ${percent(rate)} %${range}, ${count(successes)} of ${count(n)}</title
      >${intervalDot(scale, HEIGHT, rate, interval)}</g
    >`;
  }
}

function figure(metric: ReportMetric, { rate }: MetricRate): Html {
  const value = rate === null ? "–" : percent(rate);
  return html`<span class="figure metric-${metric}"><span class="sr">${METRIC_TITLES[metric]} </span>${value}</span>`;
}
