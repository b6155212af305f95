import { differenceTrack, differenceScale, differencesAxis } from "../charts/differences-chart.js";
import type { DifferenceKind, ReportData, ReportDifference } from "../report-data.js";
import { contrastSubject } from "../report-rows.js";
import { datasetTitle, METRIC_TITLES } from "../titles.js";
import { amountCell, TEST_HEADS, testCells } from "./difference-cells.js";
import { html, type Html } from "./html.js";

const KIND_TITLES: Readonly<Record<DifferenceKind, string>> = {
  thinking: "Thinking against no thinking",
  cues: "Cues against no cues",
  checkpoint: "Checkpoint against where its training began",
};

/** Paired differences with their verdicts; says so where no two runs can be paired. */
export function differencesSection(data: ReportData): Html {
  const { differences } = data;
  return html`<section id="differences" aria-labelledby="differences-title">
    <h2 id="differences-title">Differences</h2>
    ${
      differences.length === 0
        ? html`<p class="lead">
            No two files of one dataset differ in just the cues, the thinking, or the checkpoint of one model.
          </p>`
        : html`<p class="lead">
              Two runs on the same questions, in points of per cent. The verdict is McNemar’s test at 5 % after Holm’s
              correction over all comparisons of the same metric.
            </p>
            ${table(data)}`
    }
  </section>`;
}

function table(data: ReportData): Html {
  const { differences } = data;
  const scale = differenceScale(differences);
  const kinds = (Object.keys(KIND_TITLES) as DifferenceKind[]).filter((kind) =>
    differences.some((one) => one.kind === kind),
  );
  return html`<div class="scroll" role="region" aria-label="Paired differences" tabindex="0">
    <table class="differences">
      <caption class="sr">
        Paired differences between runs, in points, with 95 % intervals and tests
      </caption>
      <thead>
        <tr>
          <th scope="col">Comparison</th>
          <th scope="col">Metric</th>
          <th scope="col" class="num">Points</th>
          <th scope="col" class="plot"><span class="sr">Interval, drawn</span>${differencesAxis(scale)}</th>
          ${TEST_HEADS}
        </tr>
      </thead>
      ${kinds.map(
        (kind) =>
          html`<tbody>
            <tr class="group">
              <th colspan="8" scope="rowgroup">${KIND_TITLES[kind]}</th>
            </tr>
            ${differences
              .filter((one) => one.kind === kind)
              .map((one, i, all) => {
                const isSame = ({ run, baseline }: ReportDifference) => run === one.run && baseline === one.baseline;
                const isFirst = i === 0 || !isSame(all[i - 1]!);
                return row(one, data, differenceTrack(one, scale), isFirst ? all.filter(isSame).length : 0);
              })}
          </tbody>`,
      )}
    </table>
  </div>`;
}

/** @param span - Metrics of the comparison that begins here; 0 = it began in a row above. */
function row(one: ReportDifference, data: ReportData, track: Html, span: number): Html {
  return html`<tr>
    ${
      span > 0 &&
      html`<th scope="row" rowspan="${span}">
        ${contrastSubject(one, data)} <span class="condition">${datasetTitle(one.dataset)}</span>
      </th>`
    }
    <td>${METRIC_TITLES[one.metric]}</td>
    ${amountCell(one)}
    <td class="plot">${track}</td>
    ${testCells(one)}
  </tr>`;
}
