import type { Example, Model } from "@pka/core";
import { extractAnswer, extractBeforeCloseTag, gradeAnswer, gradeMath } from "@pka/grading";
import { type MathVerification, verifyMath } from "@pka/grading/math-verify";

/** How a completion of a QA question was graded, as the paper grades. */
export interface QaVerdict {
  readonly task: "qa";
  readonly extractedPrediction: string;
  readonly exactMatch: boolean;
  readonly recall: boolean;
}

/** How a completion of a MATH problem was graded, as the paper grades: two missing boxes count as equal. */
export interface MathVerdict {
  readonly task: "math";
  /** `null` = no box. */
  readonly extractedPrediction: string | null;
  readonly extractedGold: string | null;
  readonly correct: boolean;
  /** What the paper's file lists in `errors` although the problem is graded: `pred_extraction: …`, `gt_extraction: …`. */
  readonly extractionErrors: readonly string[];
  /** What the answers mean, beside the paper's comparison of how they are written. Absent in journals that were written without it. */
  readonly verification?: { readonly verdict: MathVerification["verdict"]; readonly reason: string };
}

/** What the paper's grader says about one answer. */
export type Verdict = QaVerdict | MathVerdict;

/** How an answer is taken from a completion: see `Model.extraction`. */
export type Extraction = ReturnType<Model["extraction"]>;

/**
 * The paper's verdict on one completion.
 *
 * @param text - `null` when the model gave none. QA then has no verdict (the paper lists such a question in `errors`);
 * MATH grades it as a missing box and lists it as well.
 */
export function gradeCompletion(example: Example, text: string | null, extraction: Extraction): Verdict | undefined {
  if (example.task === "qa") {
    if (text === null) return undefined;
    const extractedPrediction = extract(text, extraction);
    return { task: "qa", extractedPrediction, ...gradeAnswer(extractedPrediction, example.answers) };
  }
  const { extractedPrediction, extractedGold, correct, extractionErrors } = gradeMath(text ?? "", example.solution);
  return {
    task: "math",
    extractedPrediction,
    extractedGold,
    correct,
    extractionErrors: [
      ...(text === null ? ["pred_extraction: the completion has no text"] : []),
      ...extractionErrors.map(({ side, message }) => `${side === "prediction" ? "pred" : "gt"}_extraction: ${message}`),
    ],
    verification: verifyMath(extractedPrediction, extractedGold),
  };
}

/** The answer of a QA completion. */
export function extract(text: string, extraction: Extraction): string {
  return extraction === "answer-tags" ? extractAnswer(text) : extractBeforeCloseTag(text);
}
