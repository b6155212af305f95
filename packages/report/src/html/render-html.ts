import { createHash } from "node:crypto";
import type { AnswerStore } from "../answer-store.js";
import { count } from "../format-figures.js";
import { PAGE_SCRIPT, PAGE_STYLE } from "../page-assets.generated.js";
import type { ReportData } from "../report-data.js";
import { byDataset } from "../report-rows.js";
import { answersSection } from "./answers-section.js";
import { differencesSection } from "./differences-section.js";
import { embeddedParts, embeddedReport } from "./embed-answers.js";
import { Html, html, scriptJson } from "./html.js";
import { lengthsSection } from "./lengths-section.js";
import { methodSection } from "./method-section.js";
import { outcomesSection } from "./outcomes-section.js";
import { problemsSection } from "./problems-section.js";
import { ratesSection } from "./rates-section.js";
import { trainingSection } from "./training-section.js";

/** Of the file, besides figures and answers: style, script and the parts' elements. */
const PAGE_BYTES = 200_000;

/**
 * The report as one HTML file that asks for nothing outside itself: its content security policy allows the one script and the one
 * style sheet in it by their hashes, and no request at all.
 *
 * @param maxBytes - Texts of answers are cut until the file is about that small.
 */
export function renderHtml(data: ReportData, store: AnswerStore, maxBytes: number): string {
  store.fit(Math.max(0, maxBytes - PAGE_BYTES - 20_000 * data.runs.length));
  const embedded = embeddedReport(data, store);
  const policy = [
    "default-src 'none'",
    `script-src '${hash(PAGE_SCRIPT)}'`,
    `style-src '${hash(PAGE_STYLE)}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const hasRuns = data.runs.length > 0;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${new Html(policy)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <meta name="generator" content="PKA" />
        <title>${data.title}</title>
        <link rel="icon" href="data:," />
        ${STYLE}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the results</a>
        <header>
          <div class="bar">
            <p class="mark-name">Parametric knowledge access</p>
            <nav aria-label="Sections">
              <ul>
                ${navigation(data).map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}
              </ul>
            </nav>
            <button id="theme" type="button" hidden>Theme</button>
          </div>
          <h1>${data.title}</h1>
          <p class="summary">${summary(data)}</p>
        </header>
        <main id="main" tabindex="-1">
          ${problemsSection(data.problems)} ${trainingSection(data.training)}
          ${
            hasRuns &&
            html`${ratesSection(data.runs)} ${hasDifferences(data) && differencesSection(data)}
            ${lengthsSection(data.runs)} ${outcomesSection(data.runs)} ${answersSection(embedded)}
            ${methodSection(data)}`
          }
          ${!hasRuns && data.training.length === 0 && html`<p>No result file could be used.</p>`}
        </main>
        <script type="application/json" id="pka-report">
          ${scriptJson(embedded)}
        </script>
        ${embeddedParts(store)} ${SCRIPT}
      </body>
    </html> `;
  return page.markup;
}

// Plain strings: the hashes are over every character between the tags, which a formatter of markup may not touch.
const STYLE = new Html("<style>" + PAGE_STYLE + "</style>");
const SCRIPT = new Html("<script>" + PAGE_SCRIPT + "</script>");

function navigation(data: ReportData): [id: string, title: string][] {
  const { runs, training } = data;
  return [
    ...(training.length > 0 ? [["training", "Training"] as [string, string]] : []),
    ...(runs.length > 0 ? SECTIONS.filter(([id]) => id !== "differences" || hasDifferences(data)) : []),
  ];
}

const SECTIONS: readonly [id: string, title: string][] = [
  ["results", "Results"],
  ["differences", "Differences"],
  ["thinking", "Thinking"],
  ["outcomes", "Outcomes"],
  ["answers", "Answers"],
  ["method", "Method"],
];

/** Where all files are of training runs, whose steps are compared above, there are none to miss. */
function hasDifferences({ runs, differences }: ReportData): boolean {
  return differences.length > 0 || runs.some(({ step }) => step === null);
}

function summary({ runs, training }: ReportData): string {
  const rows = runs.reduce((sum, run) => sum + run.rows, 0);
  const errors = runs.reduce((sum, run) => sum + run.errors, 0);
  const files = runs.filter(({ step }) => step === null);
  const models = new Set(files.map(({ model }) => model)).size;
  const parts = [
    ...(training.length > 0 ? [plural(training.length, "training run")] : []),
    ...(files.length > 0 || training.length === 0 ? [plural(files.length, "run"), plural(models, "model")] : []),
    plural(byDataset(runs).length, "dataset"),
    plural(rows, "answer"),
    plural(errors, "error"),
  ];
  return parts.join(" · ");
}

function plural(n: number, noun: string): string {
  return `${count(n)} ${noun}${n === 1 ? "" : "s"}`;
}

function hash(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
