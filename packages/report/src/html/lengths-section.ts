import { lengthsChart } from "../charts/lengths-chart.js";
import { count, length, signed } from "../format-figures.js";
import type { LengthSummary, ReportRun } from "../report-data.js";
import { byDataset } from "../report-rows.js";
import { datasetTitle, METRIC_TITLES, runTitle } from "../titles.js";
import { html, type Html } from "./html.js";

/** How long the models thought and wrote, for rows that were right and rows that were wrong. */
export function lengthsSection(runs: readonly ReportRun[]): Html {
  const judged = [...new Set(runs.flatMap(({ verdictMetric }) => verdictMetric ?? []))].map((metric) =>
    METRIC_TITLES[metric].toLowerCase(),
  );
  return html`<section id="thinking" aria-labelledby="thinking-title">
    <h2 id="thinking-title">Thinking</h2>
    <p class="lead">
      Lengths on a logarithmic scale, of rows that were right and rows that were
      wrong${judged.length > 0 && html` by ${judged.join(" or ")}`}. Each side shows shares of its own rows; the mark is
      its median.
    </p>
    ${part("Thinking text, in characters", runs, (run) => run.thinkingLength, "No file shows thinking.")}
    ${part("Whole completion, in tokens as the file counts them", runs, (run) => run.tokens, "No file counts tokens.")}
  </section>`;
}

function part(
  title: string,
  runs: readonly ReportRun[],
  summaryOf: (run: ReportRun) => LengthSummary | null,
  otherwise: string,
): Html {
  const shown = runs.filter((run) => summaryOf(run) !== null);
  const hasContrast = shown.every((run) => summaryOf(run) === run.thinkingLength);
  if (shown.length === 0)
    return html`<h3>${title}</h3>
      <p class="lead">${otherwise}</p>`;
  return html`<h3>${title}</h3>
    ${byDataset(shown).map(
      ([dataset, of]) =>
        html`<figure>
          <figcaption>${datasetTitle(dataset)}</figcaption>
          ${lengthsChart(of, summaryOf)}
        </figure>`,
    )}
    <details>
      <summary>Figures</summary>
      <div class="scroll" role="region" aria-label="${title}" tabindex="0">
        <table>
          <caption class="sr">
            ${title}
          </caption>
          <thead>
            <tr>
              <th scope="col">Run</th>
              <th scope="col" class="num">Rows</th>
              <th scope="col" class="num">Mean</th>
              <th scope="col" class="num">Median</th>
              <th scope="col" class="num">10–90 %</th>
              <th scope="col" class="num">Longest</th>
              <th scope="col" class="num">Mean, right</th>
              <th scope="col" class="num">Mean, wrong</th>
              ${hasContrast && html`<th scope="col" class="num">Right − wrong [95 %]</th>`}
            </tr>
          </thead>
          <tbody>
            ${shown.map((run) => row(run, summaryOf(run)!, hasContrast))}
          </tbody>
        </table>
      </div>
    </details>`;
}

function row(run: ReportRun, summary: LengthSummary, hasContrast: boolean): Html {
  const mean = (value: number | null, rows: number) =>
    html`<td class="num">${value === null ? "–" : length(value)}<small>n ${count(rows)}</small></td>`;
  return html`<tr>
    <th scope="row">${runTitle(run)} <span class="condition">${datasetTitle(run.dataset)}</span></th>
    <td class="num">${count(summary.rows)}</td>
    <td class="num">${length(summary.mean)}</td>
    <td class="num">${length(summary.median)}</td>
    <td class="num">${count(summary.p10)}–${count(summary.p90)}</td>
    <td class="num">${count(summary.max)}</td>
    ${mean(summary.meanRight, summary.rowsRight)}${mean(summary.meanWrong, summary.rowsWrong)}${hasContrast && html`<td class="num">${contrastOf(run)}</td>`}
  </tr>`;
}

function contrastOf({ thinkingContrast }: ReportRun): string {
  if (thinkingContrast === null) return "–";
  const { difference, lower, upper } = thinkingContrast;
  return `${signed(difference)} [${signed(lower)}, ${signed(upper)}]`;
}
