import { count } from "../format-figures.js";
import type { ReportData } from "../report-data.js";
import { datasetTitle, runTitle } from "../titles.js";
import { html, type Html } from "./html.js";

/** How the figures are made, and from which files. */
export function methodSection({ runs }: ReportData): Html {
  const repeated = runs.filter((run) => run.repeated > 0);
  return html`<section id="method" aria-labelledby="method-title">
    <h2 id="method-title">Method</h2>
    <dl class="method">
      <div>
        <dt>Rates</dt>
        <dd>
          Right rows over rows with a verdict. Where rows are missing (errors, questions not asked yet, empty, cut and
          unreadable answers), three more figures follow: the rate over all rows as the paper counts, the rate over
          answered rows, and the rate over all rows with the missing ones all wrong and all right. Verdicts are those of
          the files. Intervals are Wilson’s, 95 %; with several samples per question none is given.
        </dd>
      </div>
      <div>
        <dt>Refined recall</dt>
        <dd>Recall after answer refinement, from the <code>ex_</code> file beside the result file.</dd>
      </div>
      <div>
        <dt>Differences</dt>
        <dd>
          The k-th row of a question in one file is paired with its k-th row in the other. Intervals are the percentile
          bootstrap of the paper, from its exact law. McNemar’s test is exact below 25 discordant pairs and χ² with
          continuity correction from there. Where questions repeat, interval and verdict take the question as the unit:
          p is then the clustered one.
        </dd>
      </div>
      <div>
        <dt>Thinking</dt>
        <dd>
          The analysis channel of harmony, or what stands before <code>&lt;/think&gt;</code>, in characters. Lengths are
          of the whole text, also where it is cut in this file. Right minus wrong has a bootstrap interval over
          questions; easy questions take less thought and are right more often, so it is no effect of thinking.
        </dd>
      </div>
      ${
        repeated.length > 0 &&
        html`<div>
          <dt>Repeated questions</dt>
          <dd>
            ${repeated.map((run, i) => html`${i > 0 && "; "}${datasetTitle(run.dataset)}, ${runTitle(run)}: ${count(run.repeated)} rows`)}.
            Their rates stand as they are; Wilson’s interval takes rows for independent and is a little too narrow.
          </dd>
        </div>`
      }
    </dl>
    <details>
      <summary>Files</summary>
      <ul class="files">
        ${runs.map(
          ({ file, refinedFile, journalFile }) =>
            html`<li>
              <code>${file}</code
              >${refinedFile !== null && html`, <code>${refinedFile}</code>`}${journalFile !== null && html`, <code>${journalFile}</code>`}
            </li>`,
        )}
      </ul>
    </details>
  </section>`;
}
