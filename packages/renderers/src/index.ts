export { chatTemplateRenderer, type ChatTemplateRenderer, loadChatTemplateRenderer } from "./chat-template-renderer.js";
export { ChatTemplateError, TokenizerFileError } from "./errors.js";
export { type CheckpointTokenizer, loadHfTokenizer } from "./hf-tokenizer.js";
export { olmoRenderer } from "./olmo-renderer.js";
export { r1Renderer } from "./r1-renderer.js";
export type { Message, ParsedCompletion, TextRenderer, TokenRenderer } from "./renderer.js";
export { tinyRenderer } from "./tiny-renderer.js";
