export type { Message, ParsedCompletion, TextRenderer, TokenRenderer } from "./renderer.js";
