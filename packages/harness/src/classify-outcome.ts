import type { Outcome } from "@pka/core";
import type { RecordedCompletion } from "./journal/record.js";
import { type Extraction, extract, type Verdict } from "./verdict.js";

/**
 * What became of a question that got a completion.
 *
 * A completion cut by the token limit still counts as `answered` when more text could not have changed its answer: in QA the first
 * closed pair of tags decides. In MATH the last box decides, so a cut completion is always `truncated`.
 *
 * @param verdict - `undefined` when there was no text to grade.
 */
export function classifyOutcome(
  completion: RecordedCompletion,
  verdict: Verdict | undefined,
  extraction: Extraction,
): Exclude<Outcome, "error"> {
  const { text, thinking, answer, finishReason } = completion;
  if (finishReason === "refusal") return "refused";

  const noAnswer = answer !== undefined && isBlank(answer);
  if (finishReason === "length") {
    if (noAnswer && thinking) return "truncated-thinking";
    return verdict?.task === "qa" && isSettled(text ?? "", extraction) ? "answered" : "truncated";
  }

  if (text === null || verdict === undefined || isBlank(text)) return "empty";
  if (verdict.task === "math") return verdict.extractedPrediction === null ? "unparsed" : "answered";
  return noAnswer && !isSettled(text, extraction) ? "unparsed" : "answered";
}

/** Would the same answer be extracted whatever text came after? */
function isSettled(text: string, extraction: Extraction): boolean {
  return extract(text, extraction) === extract(`${text}x`, extraction);
}

function isBlank(text: string): boolean {
  return text.trim() === "";
}
