import { extractThinking, type ThinkingFormat } from "@pka/thinking-tokens";

/** A completion as a reader wants it: the thinking apart, the markup of the chat format gone. */
export interface SplitCompletion {
  /** `null` = the text shows none. */
  readonly thinking: string | null;
  readonly answer: string;
  /** The thinking began and never ended. */
  readonly isOpen: boolean;
}

const ANALYSIS = "<|channel|>analysis<|message|>";
/** What stands around the messages of the harmony format. */
const HARMONY_MARKUP = /<\|start\|>assistant|<\|channel\|>\w*|<\|(?:message|end|return|start)\|>/g;
const OPEN_TAG = /^\s*<think>/i;
const CLOSE_TAG = /<\/think>/iu;

/**
 * Thinking and answer of everything a model wrote, by the marks in the text itself. Olmo and R1 write no opening mark: of a text that
 * should hold thinking and has no end of it, all is thinking.
 *
 * @param thinks - The run asks for thinking and the model's format ends it with `</think>`.
 */
export function splitCompletion(text: string, thinks: boolean): SplitCompletion {
  const format = formatOf(text, thinks);
  if (format === null) return { thinking: null, answer: text, isOpen: false };
  const { state, text: thinking } = extractThinking(text, format);
  const isOpen = state === "unclosed";
  if (format === "harmony") {
    if (state === "none") return { thinking: null, answer: withoutMarkup(text), isOpen };
    const start = text.indexOf(ANALYSIS);
    const rest = text.slice(start + ANALYSIS.length + thinking.length);
    return { thinking, answer: withoutMarkup(`${text.slice(0, start)}${rest}`), isOpen };
  }
  const answer = text.slice(thinking.length).replace(/^<[^>]*>/, "");
  return { thinking: thinking.replace(OPEN_TAG, ""), answer: answer.trim(), isOpen };
}

function formatOf(text: string, thinks: boolean): ThinkingFormat | null {
  if (text.includes("<|channel|>") || text.includes("<|message|>")) return "harmony";
  return thinks || OPEN_TAG.test(text) || CLOSE_TAG.test(text) ? "think-tags" : null;
}

function withoutMarkup(text: string): string {
  return text.replace(HARMONY_MARKUP, "").trim();
}
