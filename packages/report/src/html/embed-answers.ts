import type { AnswerStore } from "../answer-store.js";
import { type EmbeddedReport, partId } from "../embedded-format.js";
import { REPORT_METRICS, type ReportData } from "../report-data.js";
import { datasetTitle, METRIC_TITLES, runTitle } from "../titles.js";
import { Html } from "./html.js";

/** What the page knows before anything is unpacked. */
export function embeddedReport({ runs }: ReportData, store: AnswerStore): EmbeddedReport {
  return {
    datasets: store.datasets.map((dataset) => ({
      title: datasetTitle(dataset),
      numQuestions: store.questions(dataset).count,
    })),
    runs: runs.map((run, id) => ({
      dataset: store.datasets.indexOf(run.dataset),
      title: runTitle(run),
      numRows: store.runs[id]!.numRows,
      metrics: REPORT_METRICS.map((metric) => (run.metrics[metric] === undefined ? null : METRIC_TITLES[metric])),
      verdictMetric: run.verdictMetric === null ? -1 : REPORT_METRICS.indexOf(run.verdictMetric),
    })),
    maxChars: store.maxChars,
  };
}

/** The packed answers as inert script elements, see embedded-format.ts. */
export function embeddedParts(store: AnswerStore): Html[] {
  return [
    ...store.datasets.map((dataset, i) => part(partId.questions(i), store.questions(dataset).bytes)),
    ...store.runs.flatMap((run, id) => [
      part(partId.index(id), run.index()),
      ...run.parts.map((bytes, i) => part(partId.texts(id, i), bytes)),
    ]),
  ];
}

function part(id: string, bytes: Buffer): Html {
  return new Html(`<script type="text/plain" id="${id}">${bytes.toString("base64")}</script>\n`);
}
