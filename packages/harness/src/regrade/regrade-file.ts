import type { Task } from "@pka/core";
import { forEachResultRow, type ResultFileInfo } from "../result/read-result-rows.js";
import { type ResultMetric, type ResultRow, ResultRowError } from "../result/result-row.js";
import { extract, type Extraction } from "../verdict.js";
import { NotGradableError } from "./errors.js";
import { type GradedRow, type Grader, GRADERS, type GraderVerdicts } from "./graders.js";

const EXTRACTIONS: readonly Extraction[] = ["answer-tags", "before-close-tag"];
/** A rule that reproduces so many answers more than the other is the one. */
const DECIDING_LEAD = 100;

/** Options of `regradeFile`. */
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
  // Which extraction the file was made with shows only after some rows, so verdicts are kept for both until then.
  const asked = options.extraction === undefined ? EXTRACTIONS : [options.extraction];
  const candidates = asked.map((rule): Candidate => ({ rule, numSame: 0, verdicts: GRADERS.map(() => []) }));
  let numStored = 0;
  const info = await forEachResultRow(
    path,
    (row) => {
      const { answers: _answers, prediction, text: _text, solution: _solution, ...light } = row;
      rows.push(light);
      const given = requireGradable(path, row);
      const { text } = given;
      const isMath = row.kind === "math";
      const hasBoth = !isMath && text !== null && typeof prediction === "string";
      if (hasBoth) numStored += 1;
      let last: { extracted: string | null; verdicts: (GraderVerdicts | undefined)[] } | undefined;
      for (const candidate of candidates) {
        const extracted = isMath ? null : text === null ? (prediction ?? null) : extract(text, candidate.rule);
        if (hasBoth && extracted === prediction) candidate.numSame += 1;
        if (last?.extracted !== extracted || last === undefined) {
          last = { extracted, verdicts: gradeRow(isMath ? "math" : "qa", { ...given, extracted }, shared) };
        }
        for (const [grader, verdict] of last.verdicts.entries()) candidate.verdicts[grader]!.push(verdict);
      }
      candidates.sort((one, other) => other.numSame - one.numSame || one.rule.localeCompare(other.rule));
      if (candidates.length > 1 && candidates[0]!.numSame - candidates[1]!.numSame >= DECIDING_LEAD) candidates.pop();
    },
    { columns: ["answers", "prediction", "text", "solution"] },
  );
  if (rows.length === 0) throw new NotGradableError(path, "it has no rows");

  const task: Task = info.kind === "math" ? "math" : "qa";
  const { rule, verdicts, numSame } = candidates[0]!;
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
    extraction: task === "math" ? null : rule,
    numExtractedOtherwise: numStored - numSame,
  };
}

/** What graders look at in a row, the extracted answer aside. */
function requireGradable(path: string, row: ResultRow): Omit<GradedRow, "extracted"> {
  const { kind, index, answers, solution, text = null } = row;
  if (kind === "ex") {
    throw new NotGradableError(
      path,
      "it holds refined answers, not what the model wrote. Give the file it was made from",
    );
  }
  if (kind === "math" && solution === undefined) throw new ResultRowError(path, index, "solution is missing");
  if (kind !== "math" && answers === undefined) throw new ResultRowError(path, index, "ground_truth is missing");
  return { text, answers: answers ?? [], solution: solution ?? "" };
}

/** A rule by which the file's answers may have been taken, and the verdicts if they were. */
interface Candidate {
  readonly rule: Extraction;
  /** Stored answers that it reproduces. */
  numSame: number;
  /** By grader, then by row. */
  readonly verdicts: (GraderVerdicts | undefined)[][];
}

function gradeRow(task: Task, row: GradedRow, shared: SharedVerdicts): (GraderVerdicts | undefined)[] {
  return GRADERS.map((grader) => (grader.task === task ? shared.of(grader.grade(row)) : undefined));
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
