import type { EmbeddedIndex, EmbeddedQuestions, EmbeddedTexts } from "../embedded-format.js";

/** What of a run's answers a filter looks at; the page's `RunAnswers` is one. */
export interface FilterableRun {
  readonly index: EmbeddedIndex;
  question(row: number): EmbeddedQuestions[number];
  texts(row: number): EmbeddedTexts | undefined;
  rowOf(question: number): number | undefined;
  isRight(row: number, metric: number): boolean | undefined;
}

/** `here` is the run that is shown, `there` the one it is compared with. */
export type VerdictFilter =
  | "any"
  | "right"
  | "wrong"
  | "none"
  | "right-wrong"
  | "wrong-right"
  | "right-right"
  | "wrong-wrong";

export interface RowFilter {
  /** Position in `EMBEDDED_OUTCOMES`; −1 = any. */
  readonly outcome: number;
  readonly verdict: VerdictFilter;
  /** Position in `REPORT_METRICS` of the metric that says right or wrong. */
  readonly metric: number;
  /** In any case, anywhere in the question, its answers and the row's texts; `""` = any. */
  readonly text: string;
}

/** The rows that pass, in the order of the file. Texts that are still packed do not match. */
export function filterRows(run: FilterableRun, other: FilterableRun | null, filter: RowFilter): number[] {
  const needle = filter.text.trim().toLowerCase();
  const rows: number[] = [];
  for (let row = 0; row < run.index.question.length; row++) {
    if (filter.outcome !== -1 && run.index.outcome[row] !== filter.outcome) continue;
    if (!hasVerdict(run, other, row, filter)) continue;
    if (needle !== "" && !hasText(run, row, needle)) continue;
    rows.push(row);
  }
  return rows;
}

/** How many rows each verdict filter would keep, whatever the other filters. */
export function countVerdicts(
  run: FilterableRun,
  other: FilterableRun | null,
  metric: number,
): Record<VerdictFilter, number> {
  const counts: Record<VerdictFilter, number> = {
    any: 0,
    right: 0,
    wrong: 0,
    none: 0,
    "right-wrong": 0,
    "wrong-right": 0,
    "right-right": 0,
    "wrong-wrong": 0,
  };
  const kinds = Object.keys(counts) as VerdictFilter[];
  for (let row = 0; row < run.index.question.length; row++) {
    for (const verdict of kinds) {
      if (hasVerdict(run, other, row, { verdict, metric })) counts[verdict] += 1;
    }
  }
  return counts;
}

function hasVerdict(
  run: FilterableRun,
  other: FilterableRun | null,
  row: number,
  { verdict, metric }: Pick<RowFilter, "verdict" | "metric">,
): boolean {
  if (verdict === "any") return true;
  const here = run.isRight(row, metric);
  if (verdict === "none") return here === undefined;
  const [wanted, wantedThere] = verdict.split("-");
  if (here !== (wanted === "right") || here === undefined) return false;
  if (wantedThere === undefined) return true;
  const partner = other?.rowOf(run.index.question[row]!);
  return partner !== undefined && other!.isRight(partner, metric) === (wantedThere === "right");
}

function hasText(run: FilterableRun, row: number, needle: string): boolean {
  const [question, gold] = run.question(row);
  if (question.toLowerCase().includes(needle)) return true;
  if (gold.some((answer) => answer.toLowerCase().includes(needle))) return true;
  const [thinking, answer, prediction, refined] = run.texts(row) ?? [];
  return [answer, prediction, refined, thinking].some(
    (text) => typeof text === "string" && text.toLowerCase().includes(needle),
  );
}
