import type { Ask } from "@pka/core";
import { CHAT_MAX_TOKENS, type CompletionsRenderer } from "./openai/completions-model.js";
import { PROMPT_FORMATS, renderPrompt } from "./openai/ask-by-prompt.js";
import type { ModelSpec } from "./model-id.js";
import { paperMessages } from "./paper-prompts.js";
import { TINKER_MAX_TOKENS } from "./sampling/tinker-model.js";

/** Characters that a chat format adds to a prompt; harmony's preamble is the longest. */
const FORMAT_CHARACTERS = 60;
const HARMONY_CHARACTERS = 400;

/** What can be told of the tokens of one question before the model is opened. */
export interface TokenLimits {
  /** Of the whole prompt, roughly. */
  readonly promptCharacters: number;
  /** Where a second request carries the first answer (Olmo, thinking): the most tokens of that answer. */
  readonly maxRepeatedTokens?: number;
  /** Of all requests; absent where the model is asked without a limit (OpenAI) or it is not known here (`hf:`, `engine:`). */
  readonly maxCompletionTokens?: number;
}

/** Nothing is opened and nobody is asked. @param renderer - As of an OpenAI-compatible server. Default the model's own. */
export function tokenLimits(
  spec: ModelSpec,
  ask: Pick<Ask, "task" | "question" | "cues" | "thinking">,
  renderer?: CompletionsRenderer,
): TokenLimits {
  const { provider } = spec;
  const format = provider === "vllm" ? (renderer ?? spec.renderer) : "chat";
  if (format !== "chat") {
    const { thinking, noThinking, forced } = PROMPT_FORMATS[format].maxTokens;
    const promptCharacters = renderPrompt(PROMPT_FORMATS[format], ask).length;
    if (!ask.thinking) return { promptCharacters, maxCompletionTokens: noThinking };
    if (forced === undefined) return { promptCharacters, maxCompletionTokens: thinking };
    return { promptCharacters, maxRepeatedTokens: thinking, maxCompletionTokens: thinking + forced };
  }
  const messages = paperMessages(provider === "openai" ? "user" : "system", ask);
  const characters = messages.reduce((sum, { content }) => sum + content.length, 0);
  const promptCharacters = characters + (provider === "tinker" ? HARMONY_CHARACTERS : FORMAT_CHARACTERS);
  if (provider === "vllm") return { promptCharacters, maxCompletionTokens: CHAT_MAX_TOKENS };
  if (provider !== "tinker") return { promptCharacters };
  return { promptCharacters, maxCompletionTokens: TINKER_MAX_TOKENS[ask.task === "math" ? "math" : "qa"] };
}
