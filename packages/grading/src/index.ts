export { gradeMath, type ExtractionError, type MathVerdict } from "./math/grade-math.js";
export { isEquiv } from "./math/is-equiv.js";
export { lastBoxedOnlyString } from "./math/last-boxed-only-string.js";
export { removeBoxed } from "./math/remove-boxed.js";
export { stripString } from "./math/strip-string.js";
export { extractAnswer, extractBeforeCloseTag } from "./qa-eval/extract-answer.js";
export { gradeAnswer, type AnswerVerdict } from "./qa-eval/grade-answer.js";
export { normalizeAnswer } from "./qa-eval/normalize-answer.js";
