import { EMBEDDED_OUTCOMES, type EmbeddedReport } from "../embedded-format.js";
import { count } from "../format-figures.js";
import { OUTCOME_TITLES } from "../titles.js";
import { html, type Html } from "./html.js";

/** The browser of single answers: its controls and empty panes; the page's script fills them when they are first used. */
export function answersSection({ datasets, runs, maxChars }: EmbeddedReport): Html {
  const shown = datasets.flatMap(({ title }, dataset) =>
    runs.some((run) => run.dataset === dataset) ? [{ title, dataset }] : [],
  );
  return html`<section id="answers" aria-labelledby="answers-title">
    <h2 id="answers-title">Answers</h2>
    <p class="lead">
      Every single answer. Compare two runs to see which answers flipped. Texts longer than ${count(maxChars)}
      characters are cut, and say so.
    </p>
    <noscript><p>The answers are packed into this file and need JavaScript to be shown.</p></noscript>
    <form id="filters" hidden>
      ${select(
        "dataset",
        "Dataset",
        shown.map(({ title, dataset }) => [String(dataset), title]),
      )}
      ${select("run", "Run", [])} ${select("other", "Compared with", [])} ${select("metric", "Right or wrong by", [])}
      ${select("verdict", "Verdict", [])}
      ${select("outcome", "Outcome", [["-1", "any"], ...EMBEDDED_OUTCOMES.map((outcome, i): [string, string] => [String(i), OUTCOME_TITLES[outcome]])])}
      <label class="wide" for="filter-text"
        ><span>Text</span
        ><input
          id="filter-text"
          type="search"
          autocomplete="off"
          spellcheck="false"
          placeholder="in questions, answers and thinking"
      /></label>
    </form>
    <p id="status" role="status" aria-live="polite"></p>
    <div id="panes" hidden>
      <div class="list-pane">
        <div id="list" role="listbox" tabindex="0" aria-label="Answers" aria-describedby="list-help"></div>
        <p id="list-help" class="help">↑ ↓ Home End to move, Enter to read, Esc to come back</p>
      </div>
      <article id="detail" aria-label="The chosen answer"></article>
    </div>
  </section>`;
}

function select(id: string, label: string, options: readonly (readonly [value: string, text: string])[]): Html {
  return html`<label for="filter-${id}"
    ><span>${label}</span
    ><select id="filter-${id}">
      ${options.map(([value, text]) => html`<option value="${value}">${text}</option>`)}
    </select></label
  > `;
}
