export { extractRefinedAnswer } from "./ex-recall/extract-refined-answer.js";
export {
  gradeRefinedAnswer,
  normalizeRefinedAnswer,
  type RefinedAnswer,
  type RefinedVerdict,
} from "./ex-recall/grade-refined-answer.js";
export { REFINE_PROMPT_VERSION, refinePrompt } from "./ex-recall/refine-prompt.js";
export { gradeMath, type ExtractionError, type MathVerdict } from "./math/grade-math.js";
export { isEquiv } from "./math/is-equiv.js";
export { lastBoxedOnlyString } from "./math/last-boxed-only-string.js";
export { removeBoxed } from "./math/remove-boxed.js";
export { stripString } from "./math/strip-string.js";
export { extractAnswer, extractBeforeCloseTag } from "./qa-eval/extract-answer.js";
export { gradeAnswer, type AnswerVerdict } from "./qa-eval/grade-answer.js";
export { normalizeAnswer } from "./qa-eval/normalize-answer.js";
export { extractFinalAnswer, finalMessage } from "./repaired/extract-final-answer.js";
export { gradeRepaired } from "./repaired/grade-repaired.js";
export { extractRewardAnswer } from "./rl-reward/extract-reward-answer.js";
export { normalizeRewardAnswer } from "./rl-reward/normalize-reward-answer.js";
export {
  computeReward,
  gradeRewardAnswer,
  type Reward,
  type RewardAnswerVerdict,
  type RewardOptions,
} from "./rl-reward/reward.js";
export { strip } from "./text/white-space.js";
