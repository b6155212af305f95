import {
  type EmbeddedIndex,
  type EmbeddedQuestions,
  type EmbeddedRun,
  type EmbeddedTexts,
  partId,
  ROWS_PER_PART,
} from "../embedded-format.js";
import { readPart } from "./read-part.js";

/** The answers of one run as far as they have been unpacked. */
export class RunAnswers {
  readonly #parts = new Map<number, EmbeddedTexts[]>();
  readonly #loading = new Map<number, Promise<void>>();
  #rowOfQuestion: Map<number, number> | undefined;

  private constructor(
    readonly id: number,
    readonly run: EmbeddedRun,
    readonly index: EmbeddedIndex,
    readonly questions: EmbeddedQuestions,
  ) {}

  static async open(id: number, run: EmbeddedRun): Promise<RunAnswers> {
    const [index, questions] = await Promise.all([
      readPart<EmbeddedIndex>(partId.index(id)),
      readQuestions(run.dataset),
    ]);
    return new RunAnswers(id, run, index, questions);
  }

  get numParts(): number {
    return Math.ceil(this.run.numRows / ROWS_PER_PART);
  }

  question(row: number): EmbeddedQuestions[number] {
    return this.questions[this.index.question[row]!]!;
  }

  /** The texts of a row, `undefined` while its part is still packed: see {@link load}. */
  texts(row: number): EmbeddedTexts | undefined {
    return this.#parts.get(Math.floor(row / ROWS_PER_PART))?.[row % ROWS_PER_PART];
  }

  /** Unpack the part that holds a row. */
  load(row: number): Promise<void> {
    return this.loadPart(Math.floor(row / ROWS_PER_PART));
  }

  loadPart(part: number): Promise<void> {
    const known = this.#loading.get(part);
    if (known !== undefined) return known;
    const loading = readPart<EmbeddedTexts[]>(partId.texts(this.id, part)).then((rows) => {
      this.#parts.set(part, rows);
    });
    this.#loading.set(part, loading);
    return loading;
  }

  /** The row that asks the same question as position `question`, if the run has one. */
  rowOf(question: number): number | undefined {
    this.#rowOfQuestion ??= new Map(this.index.question.map((position, row) => [position, row]));
    return this.#rowOfQuestion.get(question);
  }

  /** `undefined` = no verdict of this metric. */
  isRight(row: number, metric: number): boolean | undefined {
    if (metric < 0) return undefined;
    const bits = this.index.verdicts[row]! >> (2 * metric);
    return (bits & 1) === 0 ? undefined : (bits & 2) !== 0;
  }
}

const questionsOfDataset = new Map<number, Promise<EmbeddedQuestions>>();

function readQuestions(dataset: number): Promise<EmbeddedQuestions> {
  const known = questionsOfDataset.get(dataset) ?? readPart<EmbeddedQuestions>(partId.questions(dataset));
  questionsOfDataset.set(dataset, known);
  return known;
}
