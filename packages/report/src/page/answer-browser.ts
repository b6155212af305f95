import type { EmbeddedReport } from "../embedded-format.js";
import { answerDetail, verdictMark } from "./answer-detail.js";
import { AnswerList } from "./answer-list.js";
import { byId, element, formatCount } from "./dom.js";
import { countVerdicts, filterRows, type VerdictFilter } from "./filter-rows.js";
import { RunAnswers } from "./run-answers.js";

const VERDICT_TITLES: Readonly<Record<VerdictFilter, string>> = {
  any: "any",
  "right-wrong": "right here, wrong there",
  "wrong-right": "wrong here, right there",
  right: "right",
  wrong: "wrong",
  none: "no verdict",
  "right-right": "right in both",
  "wrong-wrong": "wrong in both",
};

const TYPING_PAUSE_MS = 200;

/** The section of single answers: filters, list, one answer in full. */
export class AnswerBrowser {
  readonly #report: EmbeddedReport;
  readonly #select = {
    dataset: byId("filter-dataset", HTMLSelectElement),
    run: byId("filter-run", HTMLSelectElement),
    other: byId("filter-other", HTMLSelectElement),
    metric: byId("filter-metric", HTMLSelectElement),
    verdict: byId("filter-verdict", HTMLSelectElement),
    outcome: byId("filter-outcome", HTMLSelectElement),
  };
  readonly #text = byId("filter-text", HTMLInputElement);
  readonly #status = byId("status", HTMLElement);
  readonly #detail = byId("detail", HTMLElement);
  readonly #box = byId("list", HTMLElement);
  readonly #list: AnswerList;
  readonly #opened = new Map<number, Promise<RunAnswers>>();
  #run: RunAnswers | null = null;
  #other: RunAnswers | null = null;
  /** Of the latest request: what an earlier one brings is too late. */
  #request = 0;

  constructor(report: EmbeddedReport) {
    this.#report = report;
    this.#list = new AnswerList(
      this.#box,
      (row) => this.#optionContent(row),
      (position) => void this.#showDetail(position),
      () => document.getElementById("detail-question")?.focus(),
    );
    const { dataset, run, other, metric, verdict, outcome } = this.#select;
    dataset.addEventListener("change", () => void this.#chooseDataset());
    run.addEventListener("change", () => void this.#chooseRuns());
    other.addEventListener("change", () => void this.#chooseRuns());
    metric.addEventListener("change", () => this.#chooseMetric());
    verdict.addEventListener("change", () => void this.#filter());
    outcome.addEventListener("change", () => void this.#filter());
    let timer: ReturnType<typeof setTimeout> | undefined;
    this.#text.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => void this.#filter(), TYPING_PAUSE_MS);
    });
    byId("filters", HTMLFormElement).addEventListener("submit", (event) => event.preventDefault());
    this.#detail.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#box.focus();
    });
  }

  /** Unpack what is first shown. */
  async start(): Promise<void> {
    await this.#chooseDataset();
  }

  async #chooseDataset(): Promise<void> {
    const dataset = Number(this.#select.dataset.value);
    const runs = this.#report.runs.flatMap((run, id) => (run.dataset === dataset ? [{ run, id }] : []));
    setOptions(
      this.#select.run,
      runs.map(({ run, id }) => [String(id), `${run.title} (${formatCount(run.numRows)})`]),
    );
    this.#select.other.value = "";
    await this.#chooseRuns();
  }

  async #chooseRuns(): Promise<void> {
    const { dataset, run, other } = this.#select;
    const rest = this.#report.runs.flatMap(({ dataset: of, title }, id): [string, string][] =>
      of === Number(dataset.value) && String(id) !== run.value ? [[String(id), title]] : [],
    );
    setOptions(other, [["", "nothing"], ...rest]);
    const request = ++this.#request;
    this.#say("Unpacking …");
    try {
      const opened = await Promise.all([
        this.#open(Number(run.value)),
        other.value === "" ? null : this.#open(Number(other.value)),
      ]);
      if (request !== this.#request) return;
      [this.#run, this.#other] = opened;
    } catch (error) {
      this.#say(messageOf(error));
      return;
    }
    const metrics = this.#run.run.metrics.flatMap((title, m): [string, string][] =>
      title === null ? [] : [[String(m), title]],
    );
    const { metric } = this.#select;
    const before = metric.value;
    setOptions(metric, metrics);
    if (before === "" || !metrics.some(([value]) => value === before)) {
      metric.value = String(this.#run.run.verdictMetric);
    }
    this.#chooseMetric();
  }

  #chooseMetric(): void {
    const counts = countVerdicts(this.#run!, this.#other, this.#metric);
    const shown = (Object.keys(VERDICT_TITLES) as VerdictFilter[]).filter(
      (verdict) => this.#other !== null || !verdict.includes("-"),
    );
    setOptions(
      this.#select.verdict,
      shown.map((verdict) => [verdict, `${VERDICT_TITLES[verdict]} (${formatCount(counts[verdict])})`]),
    );
    void this.#filter();
  }

  get #metric(): number {
    return this.#select.metric.value === "" ? -1 : Number(this.#select.metric.value);
  }

  async #filter(): Promise<void> {
    const run = this.#run;
    if (run === null) return;
    const request = ++this.#request;
    const text = this.#text.value;
    if (text.trim() !== "") {
      for (let part = 0; part < run.numParts; part++) {
        this.#say(`Searching … ${Math.round((100 * part) / run.numParts)} %`);
        await run.loadPart(part);
        if (request !== this.#request) return;
      }
    }
    const { verdict, outcome } = this.#select;
    const filter = {
      outcome: Number(outcome.value),
      verdict: verdict.value as VerdictFilter,
      metric: this.#metric,
      text,
    };
    const rows = filterRows(run, this.#other, filter);
    this.#say(`${formatCount(rows.length)} of ${formatCount(run.run.numRows)} answers`);
    this.#list.show(rows);
    if (rows.length === 0)
      this.#detail.replaceChildren(element("p", { class: "empty" }, "No answer passes these filters."));
  }

  #optionContent(row: number): Node[] {
    const run = this.#run!;
    const texts = run.texts(row);
    if (texts === undefined) void run.load(row).then(() => this.#list.redraw());
    const [question] = run.question(row);
    const marks = [verdictMark(run.isRight(row, this.#metric), "")];
    const partner = this.#other?.rowOf(run.index.question[row]!);
    if (this.#other !== null) {
      const isRight = partner === undefined ? undefined : this.#other.isRight(partner, this.#metric);
      marks.push(verdictMark(isRight, "there "));
    }
    const prediction = texts === undefined ? "…" : (texts[2] ?? texts[1]).slice(0, 200);
    return [
      element("span", { class: "marks" }, ...marks),
      element("bdi", { class: "question" }, question.slice(0, 300)),
      element("bdi", { class: "prediction" }, prediction),
    ];
  }

  async #showDetail(position: number): Promise<void> {
    const run = this.#run!;
    const row = this.#list.rows[position];
    if (row === undefined) return;
    const shown = [{ answers: run, row }];
    const partner = this.#other?.rowOf(run.index.question[row]!);
    if (this.#other !== null && partner !== undefined) shown.push({ answers: this.#other, row: partner });
    try {
      await Promise.all(shown.map(({ answers, row: at }) => answers.load(at)));
    } catch (error) {
      this.#say(messageOf(error));
      return;
    }
    if (run !== this.#run || row !== this.#list.rows[this.#list.chosen]) return;
    const place = `${formatCount(position + 1)} of ${formatCount(this.#list.rows.length)}`;
    const isFocused = this.#detail.contains(document.activeElement);
    this.#detail.replaceChildren(
      element(
        "div",
        { class: "place" },
        element("span", {}, place),
        this.#stepButton("Previous", position - 1),
        this.#stepButton("Next", position + 1),
      ),
      ...answerDetail(shown),
    );
    if (isFocused) document.getElementById("detail-question")?.focus();
  }

  #stepButton(title: string, position: number): HTMLButtonElement {
    const button = element("button", { type: "button" }, title);
    button.disabled = position < 0 || position >= this.#list.rows.length;
    button.addEventListener("click", () => this.#list.choose(position));
    return button;
  }

  #open(id: number): Promise<RunAnswers> {
    const opened = this.#opened.get(id) ?? RunAnswers.open(id, this.#report.runs[id]!);
    this.#opened.set(id, opened);
    return opened;
  }

  #say(text: string): void {
    this.#status.textContent = text;
  }
}

/** Replace the options and keep the choice where it is still there. */
function setOptions(select: HTMLSelectElement, options: readonly (readonly [value: string, title: string])[]): void {
  const { value } = select;
  select.replaceChildren(...options.map(([of, title]) => element("option", { value: of }, title)));
  if (options.some(([of]) => of === value)) select.value = value;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
