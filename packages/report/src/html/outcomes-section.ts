import { outcomesChart } from "../charts/outcomes-chart.js";
import { count } from "../format-figures.js";
import type { ReportRun } from "../report-data.js";
import { byDataset, outcomesIn, retryNote } from "../report-rows.js";
import { datasetTitle, OUTCOME_TITLES, runTitle } from "../titles.js";
import { html, type Html } from "./html.js";

/** What became of every row. */
export function outcomesSection(runs: readonly ReportRun[]): Html {
  const outcomes = outcomesIn(runs);
  const isInferred = runs.some(({ journalFile }) => journalFile === null);
  return html`<section id="outcomes" aria-labelledby="outcomes-title">
    <h2 id="outcomes-title">Outcomes</h2>
    <p class="lead">
      What became of every row that was to be
      asked.${
        isInferred &&
        " Files without a journal do not say it; theirs is read off the text, where a cut answer looks like a whole one."
      }
    </p>
    ${byDataset(runs).map(
      ([dataset, of]) =>
        html`<figure>
          <figcaption>${datasetTitle(dataset)}</figcaption>
          ${outcomesChart(of)}
        </figure>`,
    )}
    ${runs.map((run) => {
      const note = retryNote(run);
      return note !== null && html`<p class="lead">${datasetTitle(run.dataset)}, ${runTitle(run)}: ${note}</p>`;
    })}
    <details>
      <summary>Figures</summary>
      <div class="scroll" role="region" aria-label="Outcomes" tabindex="0">
        <table>
          <caption class="sr">
            Rows by outcome
          </caption>
          <thead>
            <tr>
              <th scope="col">Run</th>
              <th scope="col" class="num">Rows</th>
              ${outcomes.map((outcome) => html`<th scope="col" class="num">${OUTCOME_TITLES[outcome]}</th>`)}
              <th scope="col">From</th>
            </tr>
          </thead>
          <tbody>
            ${runs.map(
              (run) =>
                html`<tr>
                  <th scope="row">${runTitle(run)} <span class="condition">${datasetTitle(run.dataset)}</span></th>
                  <td class="num">${count(run.total)}</td>
                  ${outcomes.map((outcome) => html`<td class="num">${count(run.outcomes[outcome])}</td>`)}
                  <td>${run.journalFile === null ? "the texts" : "the journal"}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>
  </section>`;
}
