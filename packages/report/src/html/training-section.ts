import { lineChart, type Line, stepScale, valueScale } from "../charts/line-chart.js";
import { legend } from "../charts/track.js";
import { count, figure, percent, percentInterval, points } from "../format-figures.js";
import type { CurvePoint, ReportCurve, ReportTraining, TrainingSeries } from "../report-data.js";
import { byEvaluation, lastStep, panelsOf, seriesSummary } from "../report-rows.js";
import { conditionTitle, datasetTitle, METRIC_TITLES } from "../titles.js";
import { amountCell, TEST_HEADS, testCells } from "./difference-cells.js";
import { html, type Html } from "./html.js";

const CURVE_HEIGHT = 210;
const PANEL_HEIGHT = 120;

/** Training runs: what was evaluated on the way, and the metrics that tell learning from pleasing the reward. */
export function trainingSection(runs: readonly ReportTraining[]): Html | null {
  if (runs.length === 0) return null;
  return html`<section id="training" aria-labelledby="training-title">
    <h2 id="training-title">Training</h2>
    <p class="lead">
      Step n is the policy after n updates. Bands are 95 % intervals of each step by itself. A change is of the same
      questions against the first evaluated step; its p is McNemar’s after Holm’s correction over the steps of the
      curve, and a filled dot is below 5 %.
    </p>
    ${runs.map(trainingRun)}
  </section>`;
}

function trainingRun(run: ReportTraining): Html {
  const last = lastStep(run);
  return html`<h3>${run.name}</h3>
    ${run.curves.length === 0 && html`<p class="lead">No dataset was evaluated on the way.</p>`}
    ${byEvaluation(run.curves).map((curves) => evaluation(curves, last))} ${metrics(run.series, last)}`;
}

function evaluation(curves: readonly ReportCurve[], last: number): Html {
  const [first] = curves;
  const condition = conditionTitle(first!);
  return html`<figure>
    <figcaption>
      ${datasetTitle(first!.dataset)}${condition !== "" && html` <span class="condition">${condition}</span>`}
    </figcaption>
    <div class="panels">${curves.map((curve) => [ratePanel(curve, last), changePanel(curve, last)])}</div>
    ${curveTable(curves)}
  </figure>`;
}

function ratePanel({ metric, points: of }: ReportCurve, last: number): Html {
  const line: Line = {
    className: `metric-${metric}`,
    hasDots: true,
    points: of.map(({ step, rate }) => ({
      x: step,
      y: rate.rate!,
      interval: rate.interval,
      title: `step ${step}: ${percent(rate.rate!)} %`,
    })),
  };
  return panel(`${METRIC_TITLES[metric]}, %`, [line], last, CURVE_HEIGHT, (tick) =>
    String(Math.round(1000 * tick) / 10),
  );
}

function changePanel({ metric, points: of }: ReportCurve, last: number): Html | null {
  const changes = of.flatMap(({ step, change }) => (change === null ? [] : [{ step, ...change }]));
  if (changes.length === 0) return null;
  const line: Line = {
    className: "change",
    hasDots: true,
    points: changes.map(({ step, difference, interval, verdict }) => ({
      x: step,
      y: difference,
      interval,
      className: verdict,
      title: `step ${step}: ${points(difference)}`,
    })),
  };
  const title = `${METRIC_TITLES[metric]}, points against step ${of[0]!.step}`;
  return panel(title, [line], last, CURVE_HEIGHT, (tick) => points(tick).replace(/\.0$/, ""), { hasZero: true });
}

function panel(
  title: string,
  lines: readonly Line[],
  last: number,
  height: number,
  label: (tick: number) => string,
  options: { readonly hasZero?: boolean; readonly legend?: Html | false } = {},
): Html {
  return html`<div class="panel">
    <p class="panel-title">${title}</p>
    ${options.legend ?? null}
    ${lineChart({ lines, steps: stepScale(last), values: valueScale(lines, options), height, label })}
  </div>`;
}

function curveTable(curves: readonly ReportCurve[]): Html {
  return html`<details>
    <summary>Figures</summary>
    <div class="scroll" role="region" aria-label="${datasetTitle(curves[0]!.dataset)} by step" tabindex="0">
      <table class="curve">
        <caption class="sr">
          Rates by step with 95 % intervals, and paired changes against the first evaluated step
        </caption>
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col" class="num">Rows</th>
            <th scope="col" class="num">Rate, %</th>
            <th scope="col" class="num">Change, points</th>
            ${TEST_HEADS}
          </tr>
        </thead>
        ${curves.map(
          ({ metric, points: of }) =>
            html`<tbody>
              <tr class="group">
                <th colspan="8" scope="rowgroup">${METRIC_TITLES[metric]}</th>
              </tr>
              ${of.map(row)}
            </tbody>`,
        )}
      </table>
    </div>
  </details>`;
}

function row({ step, rate, change }: CurvePoint): Html {
  const { lower, upper } = rate.bounds ?? { lower: 0, upper: 0 };
  return html`<tr>
    <th scope="row">${count(step)}</th>
    <td class="num">${count(rate.rows)}</td>
    <td class="num">
      <b>${percent(rate.rate!)}</b>${
        rate.interval !== null && html` <span class="interval">${percentInterval(rate.interval)}</span>`
      }${lower < upper && html`<small class="bounds">missing rows: ${percent(lower)} to ${percent(upper)}</small>`}
    </td>
    ${
      change === null
        ? html`<td class="num none">–</td>
            <td colspan="4"></td>`
        : html`${amountCell(change)}${testCells(change)}`
    }
  </tr>`;
}

/** Small multiples. */
function metrics(series: readonly TrainingSeries[], last: number): Html | null {
  if (series.length === 0) return null;
  const perPoint = Math.max(...series.map(({ stepsPerPoint }) => stepsPerPoint));
  return html`<figure>
    <figcaption>
      Metrics of the
      run${perPoint > 1 && html` <span class="condition">means of up to ${count(perPoint)} steps in a row</span>`}
    </figcaption>
    <div class="panels small">
      ${panelsOf(series).map(({ title, lines }) => {
        const drawn = lines.map(({ points: of }, i): Line => ({
          className: `line-${i}`,
          points: of.map(([x, y]) => ({ x, y })),
        }));
        const names = lines.length > 1 && legend(lines.map(({ label }, i) => ({ className: `line-${i}`, label })));
        return panel(title, drawn, last, PANEL_HEIGHT, figure, { legend: names });
      })}
    </div>
    <details>
      <summary>Figures</summary>
      <div class="scroll" role="region" aria-label="Metrics of the run" tabindex="0">
        <table>
          <caption class="sr">
            Metrics of the run: first, last, lowest and highest value
          </caption>
          <thead>
            <tr>
              <th scope="col">Metric</th>
              <th scope="col" class="num">First</th>
              <th scope="col" class="num">Last</th>
              <th scope="col" class="num">Lowest</th>
              <th scope="col" class="num">Highest</th>
            </tr>
          </thead>
          <tbody>
            ${panelsOf(series).flatMap(({ title, lines }) =>
              lines.map((line) => {
                const { first, final, lowest, highest } = seriesSummary(line);
                return html`<tr>
                  <th scope="row">
                    ${title}${lines.length > 1 && html`, ${line.label}`}
                    <span class="condition"><code>${line.name}</code></span>
                  </th>
                  ${[first, final, lowest, highest].map(
                    ([step, value]) => html`<td class="num">${figure(value)}<small>step ${count(step)}</small></td>`,
                  )}
                </tr>`;
              }),
            )}
          </tbody>
        </table>
      </div>
    </details>
  </figure>`;
}
