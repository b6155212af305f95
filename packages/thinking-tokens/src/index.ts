export {
  countCharacters,
  extractThinking,
  FORMATS,
  paperThinking,
  type Thinking,
  type ThinkingFormat,
} from "./extract-thinking.js";
export {
  type ContrastOptions,
  type LengthContrast,
  lengthContrast,
  type WithinQuestionContrast,
  withinQuestionContrast,
} from "./length-contrast.js";
export { type HistogramBin, type LengthDistribution, lengthDistribution } from "./length-distribution.js";
export { detectModelType, type ModelType, parseModelType } from "./model-type.js";
export { paperAverages, type PaperAverages, type PaperSample } from "./paper-averages.js";
export { summarizeThinking, type ThinkingSummary } from "./summarize-thinking.js";
export type { ThinkingSample } from "./thinking-sample.js";
