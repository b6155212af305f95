export {
  type AnsweredRow,
  type AnswerTarget,
  type AnswerTemplate,
  type Conversation,
  DIRECT_TEMPLATE,
  directConversation,
  SYSTEM_PROMPT,
} from "./conversations.js";
export { meanNll } from "./mean-nll.js";
export { directOrder, reasoningOrder, type RowOrder } from "./row-order.js";
export { sftRunName } from "./run-name.js";
export { checkSftConfig, SFT_DEFAULTS, type SftConfig } from "./sft-config.js";
export { sftPlan, type SftStep, sftStepOf, trainSft, type TrainSftOptions } from "./train-sft.js";
export {
  recalledTrajectories,
  splitHarmonyTrajectory,
  splitThinkTrajectory,
  type SplitTrajectory,
  type Trajectories,
  type Trajectory,
  TrajectoryError,
  type TrajectoryRow,
} from "./trajectories.js";
export { parseValidationFile, ValidationFileError, type ValidationRow } from "./validation.js";
