import { deflateRawSync, inflateRawSync } from "node:zlib";
import { cutText } from "./cut-text.js";
import {
  EMBEDDED_OUTCOMES,
  type EmbeddedIndex,
  type EmbeddedQuestions,
  type EmbeddedTexts,
  ROWS_PER_PART,
} from "./embedded-format.js";
import { type ReportMetric, REPORT_METRICS, type RowOutcome } from "./report-data.js";

/** One row as the page shows it. */
export interface AnswerRow {
  /** See `questionKey`. */
  readonly key: string;
  readonly question: string;
  readonly gold: readonly string[];
  readonly outcome: RowOutcome;
  readonly verdicts: Readonly<Partial<Record<ReportMetric, boolean>>>;
  readonly numTokens: number | null;
  readonly thinking: string | null;
  readonly answer: string;
  readonly prediction: string | null;
  readonly refined: string | null;
}

/** No limit on the texts goes below this many characters. */
const LEAST_CHARS = 100;

/** In characters per row: quotes, commas and what else a row of texts has around them. */
const ROW_OVERHEAD = 20;

/**
 * The single answers of a report, compressed as they come: what is held in memory is what the file will hold, however long the
 * texts of the result files are.
 */
export class AnswerStore {
  readonly #questions = new Map<
    string,
    { readonly positions: Map<string, number>; readonly list: EmbeddedQuestions[number][] }
  >();
  readonly #runs: RunAnswers[] = [];
  #maxChars: number;

  /** @param maxChars - Texts are cut here. */
  constructor(maxChars: number) {
    this.#maxChars = maxChars;
  }

  /** Where texts are cut, in characters. */
  get maxChars(): number {
    return this.#maxChars;
  }

  get datasets(): readonly string[] {
    return [...this.#questions.keys()];
  }

  get runs(): readonly RunAnswers[] {
    return this.#runs;
  }

  /** Questions of a dataset, compressed, and how many. */
  questions(dataset: string): { readonly bytes: Buffer; readonly count: number } {
    const { list } = this.#questions.get(dataset)!;
    return { bytes: compress(list), count: list.length };
  }

  /** Begin the next run; its rows are added one by one, then it is closed. */
  openRun(dataset: string): RunAnswers {
    const known = this.#questions.get(dataset) ?? { positions: new Map<string, number>(), list: [] };
    this.#questions.set(dataset, known);
    const run = new RunAnswers(known.positions, known.list, this.#maxChars);
    this.#runs.push(run);
    return run;
  }

  /** Forget a run that could not be read whole. */
  drop(run: RunAnswers): void {
    this.#runs.splice(this.#runs.indexOf(run), 1);
  }

  /**
   * Lower the limit on texts until everything fits.
   *
   * @param maxBytes - Of all parts in base64.
   * @returns Whether it does; with the lowest limit it may not.
   */
  fit(maxBytes: number): boolean {
    for (;;) {
      const texts = this.#runs.reduce((sum, run) => sum + run.textBytes, 0);
      const rest = this.datasets.reduce((sum, dataset) => sum + base64Size(this.questions(dataset).bytes.length), 0);
      const index = this.#runs.reduce((sum, run) => sum + base64Size(run.index().length), 0);
      if (rest + index + texts <= maxBytes) return true;
      if (this.#maxChars <= LEAST_CHARS) return false;
      this.#recut(this.#limitFor((maxBytes - rest - index) / texts));
    }
  }

  /** The largest limit under which the characters that remain are no more than `share` of the characters now. */
  #limitFor(share: number): number {
    const lengths = this.#runs.flatMap((run) => run.lengths);
    const size = (limit: number) => lengths.reduce((sum, length) => sum + Math.min(length, limit) + ROW_OVERHEAD, 0);
    // A cut text compresses a little less well than the whole; and each round must get smaller.
    const goal = 0.97 * share * size(this.#maxChars);
    let [low, high] = [LEAST_CHARS, this.#maxChars - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (size(middle) <= goal) low = middle;
      else high = middle - 1;
    }
    return low < 200 ? low : Math.floor(low / 50) * 50;
  }

  #recut(limit: number): void {
    this.#maxChars = limit;
    for (const run of this.#runs) run.recut(limit);
  }
}

/** The answers of one run. */
export class RunAnswers {
  /** Lengths of thinking and answer texts as they are held. */
  lengths: number[] = [];
  readonly #question: number[] = [];
  readonly #outcome: number[] = [];
  readonly #verdicts: number[] = [];
  readonly #tokens: number[] = [];
  readonly #parts: Buffer[] = [];
  readonly #occurrences = new Map<string, number>();
  #open: EmbeddedTexts[] = [];

  constructor(
    private readonly positions: Map<string, number>,
    private readonly questionList: EmbeddedQuestions[number][],
    private readonly maxChars: number,
  ) {}

  get numRows(): number {
    return this.#question.length;
  }

  /** Texts, compressed, {@link ROWS_PER_PART} rows each. */
  get parts(): readonly Buffer[] {
    return this.#parts;
  }

  /** Of all parts, in base64. */
  get textBytes(): number {
    return this.#parts.reduce((sum, part) => sum + base64Size(part.length), 0);
  }

  /** Compressed. */
  index(): Buffer {
    const index: EmbeddedIndex = {
      question: this.#question,
      outcome: this.#outcome,
      verdicts: this.#verdicts,
      tokens: this.#tokens,
    };
    return compress(index);
  }

  add(row: AnswerRow): void {
    this.#question.push(this.#positionOf(row));
    this.#outcome.push(EMBEDDED_OUTCOMES.indexOf(row.outcome));
    this.#verdicts.push(verdictBits(row.verdicts));
    this.#tokens.push(row.numTokens ?? -1);
    const { thinking, answer, prediction } = row;
    const refined = row.refined !== null && row.refined === prediction ? 0 : row.refined;
    const texts = cutTexts([thinking, answer, prediction, refined], this.maxChars);
    this.#open.push(texts);
    this.lengths.push(...textLengths(texts));
    if (this.#open.length === ROWS_PER_PART) this.close();
  }

  /** After the last row. */
  close(): void {
    if (this.#open.length > 0) this.#parts.push(compress(this.#open));
    this.#open = [];
  }

  recut(limit: number): void {
    this.lengths = [];
    for (const [i, part] of this.#parts.entries()) {
      const rows = (JSON.parse(inflateRawSync(part).toString()) as EmbeddedTexts[]).map((row) => cutTexts(row, limit));
      for (const row of rows) this.lengths.push(...textLengths(row));
      this.#parts[i] = compress(rows);
    }
  }

  /** The k-th row of a question is paired with the k-th row of it in other runs. */
  #positionOf({ key, question, gold }: AnswerRow): number {
    const occurrence = this.#occurrences.get(key) ?? 0;
    this.#occurrences.set(key, occurrence + 1);
    const occurrenceKey = `${occurrence} ${key}`;
    const known = this.positions.get(occurrenceKey);
    if (known !== undefined) return known;
    const position = this.questionList.length;
    this.positions.set(occurrenceKey, position);
    this.questionList.push([cutText(question, this.maxChars), gold.map((answer) => cutText(answer, this.maxChars))]);
    return position;
  }
}

function verdictBits(verdicts: AnswerRow["verdicts"]): number {
  let bits = 0;
  for (const [m, metric] of REPORT_METRICS.entries()) {
    const verdict = verdicts[metric];
    if (verdict !== undefined) bits |= (verdict ? 3 : 1) << (2 * m);
  }
  return bits;
}

function cutTexts(row: EmbeddedTexts, limit: number): EmbeddedTexts {
  const [thinking, answer, prediction, refined, before = [0, 0, 0, 0]] = row;
  const texts = [thinking, answer, prediction, refined] as const;
  const isWhole = texts.every((text) => typeof text !== "string" || text.length <= limit);
  if (isWhole) return row;
  const cut = (text: string) => cutText(text, limit);
  const full = texts.map((text, i) => {
    if (typeof text !== "string" || text.length <= limit) return before[i]!;
    return before[i] || text.length;
  }) as [number, number, number, number];
  return [
    thinking === null ? null : cut(thinking),
    cut(answer),
    prediction === null ? null : cut(prediction),
    typeof refined === "string" ? cut(refined) : refined,
    full,
  ];
}

function textLengths([thinking, answer, prediction]: EmbeddedTexts): number[] {
  // An extracted answer mostly repeats the answer, which costs next to nothing compressed.
  return [(thinking ?? "").length, Math.max(answer.length, (prediction ?? "").length)];
}

function base64Size(bytes: number): number {
  return 4 * Math.ceil(bytes / 3);
}

function compress(value: unknown): Buffer {
  return deflateRawSync(JSON.stringify(value), { level: 9 });
}
