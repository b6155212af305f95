import { ratesChart } from "../charts/rates-chart.js";
import { count, length, percent, percentInterval } from "../format-figures.js";
import type { MetricRate, ReportMetric, ReportRun } from "../report-data.js";
import { byDataset, metricsOf } from "../report-rows.js";
import { conditionTitle, datasetTitle, METRIC_TITLES, modelTitle } from "../titles.js";
import { html, type Html } from "./html.js";

/** Rates of all runs: the table of the paper, and the same as dots. */
export function ratesSection(runs: readonly ReportRun[]): Html {
  const groups = byDataset(runs);
  return html`<section id="results" aria-labelledby="results-title">
    <h2 id="results-title">Results</h2>
    ${ratesTable(runs)}
    <h3>The same, drawn</h3>
    <p class="lead">Dots are rates, lines their 95 % intervals.</p>
    ${groups.map(
      ([dataset, of]) =>
        html`<figure>
          <figcaption>${datasetTitle(dataset)}</figcaption>
          ${ratesChart(of)}
        </figure>`,
    )}
  </section>`;
}

function ratesTable(runs: readonly ReportRun[]): Html {
  const metrics = metricsOf(runs);
  const columns = metrics.length + 4;
  return html`<div class="scroll" role="region" aria-label="Rates by dataset and condition" tabindex="0">
    <table class="rates">
      <caption class="sr">
        Rates in per cent with 95 % intervals and counts, by dataset and condition
      </caption>
      <thead>
        <tr>
          <th scope="col">Condition</th>
          <th scope="col" class="num">Rows</th>
          ${metrics.map((metric) => html`<th scope="col" class="num">${METRIC_TITLES[metric]}, %</th>`)}
          <th scope="col" class="num">Tokens, mean</th>
          <th scope="col" class="num">Errors</th>
        </tr>
      </thead>
      ${byDataset(runs).map(
        ([dataset, of]) =>
          html`<tbody>
            <tr class="group">
              <th colspan="${columns}" scope="rowgroup">${datasetTitle(dataset)}</th>
            </tr>
            ${of.map((run) => row(run, metrics))}
          </tbody>`,
      )}
    </table>
  </div>`;
}

function row(run: ReportRun, metrics: readonly ReportMetric[]): Html {
  const condition = conditionTitle(run);
  const name =
    run.checkpoint === null ? html`${modelTitle(run.model)}` : html`${modelTitle(run.model)} <i>${run.checkpoint}</i>`;
  return html`<tr>
    <th scope="row">${name}${condition !== "" && html` <span class="condition">${condition}</span>`}</th>
    <td class="num">${count(run.rows)}${run.samples > 1 && html`<small>${run.samples} samples each</small>`}</td>
    ${metrics.map((metric) => rateCell(run.metrics[metric]))}
    <td class="num">${run.tokens === null ? "–" : length(run.tokens.mean)}</td>
    <td class="num">${missing(run)}</td>
  </tr>`;
}

function rateCell(metric: MetricRate | undefined): Html {
  if (metric?.rate === undefined || metric.rate === null) return html`<td class="num none">–</td>`;
  const { rate, interval, successes, rows, rateOfAll, rateOfCompleted, bounds } = metric;
  const isComplete = bounds === null || bounds.lower === bounds.upper;
  return html`<td class="num">
    <b>${percent(rate)}</b>${
      interval !== null && html` <span class="interval">${percentInterval(interval)}</span>`
    }<small>${count(successes)} of ${count(rows)}</small>${
      !isComplete &&
      rateOfAll !== null &&
      html`<small class="bounds"
          >all rows: ${percent(rateOfAll)}, answered:
          ${rateOfCompleted === null ? "–" : percent(rateOfCompleted)}</small
        ><small class="bounds">missing rows wrong: ${percent(bounds.lower)}, right: ${percent(bounds.upper)}</small>`
    }
  </td>`;
}

function missing({ errors, notAsked }: ReportRun): Html {
  if (errors === 0 && notAsked === 0) return html`<span class="none">0</span>`;
  return html`${count(errors)}${notAsked > 0 && html`<small>${count(notAsked)} not asked</small>`}`;
}
