import { count, length, percent, percentInterval, points, pointsInterval, pValue } from "./format-figures.js";
import type { MetricRate, ReportData, ReportRun } from "./report-data.js";
import { contrastTitle, metricsOf, outcomesIn, retryNote, verdictTitle } from "./report-rows.js";
import { datasetTitle, METRIC_TITLES, OUTCOME_TITLES, runTitle } from "./titles.js";
import { visibleText } from "./visible-text.js";

/** The figures as GitHub-flavoured Markdown: rates, differences, outcomes, what could not be read. */
export function reportMarkdown(data: ReportData): string {
  const { runs, differences, problems } = data;
  const metrics = metricsOf(runs);
  const outcomes = outcomesIn(runs);
  const sections = [
    `# ${cell(data.title)}`,
    table(
      [
        "dataset",
        "condition",
        "rows",
        "errors",
        ...metrics.map((metric) => `${METRIC_TITLES[metric]}, %`),
        "mean tokens",
      ],
      runs.map((run) => [
        datasetTitle(run.dataset),
        runTitle(run),
        count(run.rows),
        missing(run),
        ...metrics.map((metric) => rate(run.metrics[metric])),
        run.tokens === null ? "–" : length(run.tokens.mean),
      ]),
    ),
  ];
  if (differences.length > 0) {
    sections.push(
      "## Differences",
      table(
        [
          "dataset",
          "comparison",
          "metric",
          "points [95 %]",
          "only this / only that right",
          "pairs",
          "p",
          "p (Holm)",
          "verdict",
        ],
        differences.map((one) => [
          datasetTitle(one.dataset),
          contrastTitle(one, data),
          METRIC_TITLES[one.metric].toLowerCase(),
          one.interval === null ? points(one.difference) : `${points(one.difference)} ${pointsInterval(one.interval)}`,
          `${count(one.onlyRun)} / ${count(one.onlyBaseline)}`,
          count(one.pairs),
          one.p === null ? "–" : pValue(one.p),
          one.adjustedP === null ? "–" : pValue(one.adjustedP),
          verdictTitle(one),
        ]),
      ),
    );
  }
  sections.push(
    "## All rows and completed rows",
    table(
      ["dataset", "condition", "metric", "of all, %", "of completed, %", "missing all wrong … all right, %"],
      runs.flatMap((run) =>
        metricsOf([run]).map((metric) => {
          const { rateOfAll, rateOfCompleted, completed, bounds } = run.metrics[metric]!;
          return [
            datasetTitle(run.dataset),
            runTitle(run),
            METRIC_TITLES[metric].toLowerCase(),
            rateOfAll === null ? "–" : percent(rateOfAll),
            rateOfCompleted === null ? "–" : `${percent(rateOfCompleted)} (of ${count(completed)})`,
            bounds === null ? "–" : `${percent(bounds.lower)} … ${percent(bounds.upper)}`,
          ];
        }),
      ),
    ),
    "## Outcomes",
    table(
      ["dataset", "condition", "rows asked for", ...outcomes.map((outcome) => OUTCOME_TITLES[outcome])],
      runs.map((run) => [
        datasetTitle(run.dataset),
        runTitle(run),
        count(run.total),
        ...outcomes.map((outcome) => count(run.outcomes[outcome])),
      ]),
    ),
  );
  const retried = runs.flatMap((run) => {
    const note = retryNote(run);
    return note === null ? [] : `- ${cell(`${datasetTitle(run.dataset)}, ${runTitle(run)}: ${note}`)}`;
  });
  if (retried.length > 0) sections.push(retried.join("\n"));
  if (problems.length > 0) {
    sections.push("## Files", problems.map(({ file, message }) => `- ${cell(file)}: ${cell(message)}`).join("\n"));
  }
  return `${sections.join("\n\n")}\n`;
}

function missing({ errors, notAsked }: ReportRun): string {
  return notAsked === 0 ? count(errors) : `${count(errors)}, ${count(notAsked)} not asked`;
}

function rate(metric: MetricRate | undefined): string {
  if (metric?.rate === undefined || metric.rate === null) return "–";
  const interval = metric.interval === null ? "" : ` ${percentInterval(metric.interval)}`;
  return `${percent(metric.rate)}${interval} (${count(metric.successes)}/${count(metric.rows)})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), `|${" --- |".repeat(head.length)}`, ...rows.map(line)].join("\n");
}

/** Text in which Markdown and HTML find nothing to act on. */
function cell(text: string): string {
  return visibleText(text)
    .replace(/\s+/g, " ")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/[\\`*_{}|#~!]/g, "\\$&")
    .replaceAll("](", "]\\(");
}
