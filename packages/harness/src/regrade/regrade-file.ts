import type { Task } from "@pka/core";
import { forEachResultRow, type ResultFileInfo } from "../result/read-result-rows.js";
import { type ResultMetric, type ResultRow, ResultRowError } from "../result/result-row.js";
import { extract, type Extraction } from "../verdict.js";
import { NotGradableError } from "./errors.js";
import { type GradedRow, type Grader, GRADERS, type GraderVerdicts } from "./graders.js";

const EXTRACTIONS: readonly Extraction[] = ["answer-tags", "before-close-tag"];

export interface RegradeOptions {
  /**
   * How the evaluation took answers. By default the rule that reproduces more of the file's own extracted answers; `answer-tags`
   * where that is a tie.
   */
  readonly extraction?: Extraction;
}

/** The verdicts of every grader on the answers of one file. */
export interface RegradedFile extends ResultFileInfo {
  readonly task: Task;
  /** The rows without their texts; `metrics` holds the verdicts that stand in the file. */
  readonly rows: readonly ResultRow[];
  /** Graders that could judge at least one row. */
  readonly graders: readonly RegradedBy[];
  /** Graders that look at what no row of the file holds. */
  readonly withoutGrader: readonly string[];
  /** Of the evaluation; `null` in MATH. */
  readonly extraction: Extraction | null;
  /** Rows whose stored answer is not the one that `extraction` takes from the text. */
  readonly numExtractedOtherwise: number;
}

/** One grader's verdicts, one per row; `undefined` for a row that lacks what it looks at. */
export interface RegradedBy {
  readonly grader: Grader;
  readonly verdicts: readonly (GraderVerdicts | undefined)[];
}

/**
 * Grade the answers of an existing result file with every grader of its task; no model is asked. Texts are not kept, so files of any
 * size fit.
 *
 * @throws NotGradableError for an `ex_` file. @throws ResultRowError for a row without accepted answers or solution.
 * @throws ResultFileError, OutputError as `readResultRows`.
 */
export async function regradeFile(path: string, options: RegradeOptions = {}): Promise<RegradedFile> {
  const rows: ResultRow[] = [];
  const shared = new SharedVerdicts();
  // Which extraction the file was made with shows only at its end, so verdicts are kept for both.
  const byExtraction = new Map(EXTRACTIONS.map((rule) => [rule, { numSame: 0, verdicts: emptyVerdicts() }]));
  let numStored = 0;
  const info = await forEachResultRow(
    path,
    (row) => {
      const { answers, prediction, text = null, solution, ...light } = row;
      rows.push(light);
      if (row.kind === "ex") {
        throw new NotGradableError(
          path,
          "it holds refined answers, not what the model wrote. Give the file it was made from",
        );
      }
      const isMath = row.kind === "math";
      if (!isMath && answers === undefined) throw new ResultRowError(path, row.index, "ground_truth is missing");
      if (isMath && solution === undefined) throw new ResultRowError(path, row.index, "solution is missing");
      const common = { text, answers: answers ?? [], solution: solution ?? "" };
      const hasBoth = !isMath && text !== null && typeof prediction === "string";
      if (hasBoth) numStored += 1;
      let last: { extracted: string | null; verdicts: (GraderVerdicts | undefined)[] } | undefined;
      for (const [rule, kept] of byExtraction) {
        const extracted = isMath ? null : text === null ? (prediction ?? null) : extract(text, rule);
        if (hasBoth && extracted === prediction) kept.numSame += 1;
        if (last?.extracted !== extracted || last === undefined) {
          last = { extracted, verdicts: gradeRow(isMath ? "math" : "qa", { ...common, extracted }, shared) };
        }
        for (const [grader, verdict] of last.verdicts.entries()) kept.verdicts[grader]!.push(verdict);
      }
    },
    { columns: ["answers", "prediction", "text", "solution"] },
  );
  if (rows.length === 0) throw new NotGradableError(path, "it has no rows");

  const task: Task = info.kind === "math" ? "math" : "qa";
  const extraction = options.extraction ?? likelierExtraction(byExtraction);
  const { verdicts, numSame } = byExtraction.get(extraction)!;
  const all = GRADERS.map((grader, index): RegradedBy => ({ grader, verdicts: verdicts[index]! })).filter(
    ({ grader }) => grader.task === task,
  );
  const couldJudge = ({ verdicts: given }: RegradedBy) => given.some((verdict) => verdict !== undefined);
  const graders = all.filter(couldJudge);
  if (graders.length === 0) {
    throw new NotGradableError(path, "no row holds what the model wrote (raw_prediction or extracted_prediction)");
  }
  return {
    ...info,
    task,
    rows,
    graders,
    withoutGrader: all.filter((one) => !couldJudge(one)).map(({ grader }) => grader.name),
    extraction: task === "math" ? null : extraction,
    numExtractedOtherwise: numStored - numSame,
  };
}

function gradeRow(task: Task, row: GradedRow, shared: SharedVerdicts): (GraderVerdicts | undefined)[] {
  return GRADERS.map((grader) => (grader.task === task ? shared.of(grader.grade(row)) : undefined));
}

function likelierExtraction(kept: ReadonlyMap<Extraction, { readonly numSame: number }>): Extraction {
  return kept.get("before-close-tag")!.numSame > kept.get("answer-tags")!.numSame ? "before-close-tag" : "answer-tags";
}

function emptyVerdicts(): (GraderVerdicts | undefined)[][] {
  return GRADERS.map(() => []);
}

/** Few verdicts differ: one object for each keeps a row at a few bytes. */
class SharedVerdicts {
  readonly #known = new Map<string, GraderVerdicts>();

  of(verdicts: GraderVerdicts | undefined): GraderVerdicts | undefined {
    if (verdicts === undefined) return undefined;
    const key = (["recall", "exactMatch", "correct"] satisfies ResultMetric[]).map((name) => verdicts[name]).join();
    const known = this.#known.get(key);
    if (known === undefined) this.#known.set(key, verdicts);
    return known ?? verdicts;
  }
}
