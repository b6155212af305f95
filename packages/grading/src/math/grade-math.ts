import { isEquiv } from "./is-equiv.js";
import { lastBoxedOnlyString } from "./last-boxed-only-string.js";
import { removeBoxed } from "./remove-boxed.js";

/** The last box of a text is there but cannot be opened, such as an `\fbox`. */
export interface ExtractionError {
  readonly side: "prediction" | "gold";
  /**
   * What the paper's files say after `pred_extraction: ` or `gt_extraction: `. Empty for a box that cannot be opened:
   * the original fails there by an assertion without a message.
   */
  readonly message: string;
  /** The box as it stands in the text. */
  readonly box: string;
}

/** The MATH grader's verdict on one completion. */
export interface MathVerdict {
  /** Content of the completion's last box; `null` when there is none or it cannot be opened. */
  readonly extractedPrediction: string | null;
  /** Content of the solution's last box; `null` when there is none or it cannot be opened. */
  readonly extractedGold: string | null;
  /** As the paper counts: also true when both sides are missing, see `bothMissing`. */
  readonly correct: boolean;
  /** Neither side gave an answer, and the paper's code counts that as correct. */
  readonly bothMissing: boolean;
  /** Prediction first. Such a problem is still graded, with `null` on the side that failed. */
  readonly extractionErrors: readonly ExtractionError[];
}

/**
 * Compare the last box of a completion with the last box of the worked solution.
 *
 * @param completion - The whole completion, thinking included.
 * @param solution - The worked solution of the MATH dataset.
 * @example gradeMath("so $\\boxed{0.5}$", "$\\boxed{\\frac12}$").correct // true
 * @see `run_eval_math.py` of arXiv:2602.22193.
 */
export function gradeMath(completion: string, solution: string): MathVerdict {
  const extractionErrors: ExtractionError[] = [];
  const open = (side: ExtractionError["side"], text: string): string | null => {
    const box = lastBoxedOnlyString(text);
    if (box === null) return null;
    const content = removeBoxed(box);
    if (content === null) extractionErrors.push({ side, message: "", box });
    return content;
  };
  const extractedPrediction = open("prediction", completion);
  const extractedGold = open("gold", solution);
  return {
    extractedPrediction,
    extractedGold,
    correct: isEquiv(extractedPrediction, extractedGold),
    bothMissing: extractedPrediction === null && extractedGold === null,
    extractionErrors,
  };
}
