import type { ReportProblem } from "../report-data.js";
import { html, type Html } from "./html.js";

/** Files that are missing from the report, or are in it with a reservation. */
export function problemsSection(problems: readonly ReportProblem[]): Html | null {
  const errors = problems.filter(({ severity }) => severity === "error");
  const notes = problems.filter(({ severity }) => severity === "note");
  if (problems.length === 0) return null;
  return html`<section id="problems" aria-labelledby="problems-title">
    <h2 id="problems-title">${errors.length > 0 ? "Files that could not be used" : "About the files"}</h2>
    ${list(errors, "error")}${list(notes, "note")}
  </section>`;
}

function list(problems: readonly ReportProblem[], className: string): Html | null {
  if (problems.length === 0) return null;
  return html`<ul class="problems ${className}">
    ${problems.map(({ file, message }) => html`<li><code>${file}</code> ${message}</li>`)}
  </ul>`;
}
