export { chatTemplateRenderer, type ChatTemplateRenderer, loadChatTemplateRenderer } from "./chat-template-renderer.js";
export { ChatTemplateError, ResponseError, TokenizerFileError } from "./errors.js";
export {
  type HarmonyOptions,
  harmonyRenderer,
  type HarmonyRenderer,
  type HarmonyRendererName,
} from "./harmony-renderer.js";
export { loadHarmonyTokenizer } from "./harmony-tokenizer.js";
export { type HarmonySegment, type HarmonyTrace, parseHarmony } from "./harmony-trace.js";
export { type CheckpointTokenizer, loadHfTokenizer } from "./hf-tokenizer.js";
export { localDate } from "./local-date.js";
export { olmoRenderer } from "./olmo-renderer.js";
export { r1Renderer } from "./r1-renderer.js";
export type {
  Message,
  ParsedCompletion,
  ParsedResponse,
  SupervisedExample,
  TextRenderer,
  TokenRenderer,
  TrainingRenderer,
  TrainOnWhat,
} from "./renderer.js";
export { supervisedDatum } from "./supervised-datum.js";
export { tinyRenderer } from "./tiny-renderer.js";
