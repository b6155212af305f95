/** A completion as a reader wants it: the thinking apart, the markup of the chat format gone. */
export interface SplitCompletion {
  /** `null` = the text shows none. */
  readonly thinking: string | null;
  readonly answer: string;
  /** The thinking began and never ended. */
  readonly isOpen: boolean;
}

const ANALYSIS = "<|channel|>analysis<|message|>";
const END = "<|end|>";
/** What stands around the messages of the harmony format. */
const HARMONY_MARKUP = /<\|start\|>assistant|<\|channel\|>\w*|<\|message\|>|<\|(?:end|return|start)\|>/g;

/**
 * Thinking and answer of everything a model wrote, by the marks in the text itself: the analysis channel of harmony, or `</think>`
 * in any case. Olmo and R1 write no opening mark: of a text that should hold thinking and has no end of it, all is thinking.
 *
 * @param thinks - The run asks for thinking and the model's format ends it with `</think>`.
 */
export function splitCompletion(text: string, thinks: boolean): SplitCompletion {
  if (text.includes("<|channel|>") || text.includes("<|message|>")) return splitHarmony(text);
  const end = /<\/think>/iu.exec(text);
  const open = /^\s*<think>/iu.exec(text)?.[0].length ?? 0;
  if (end !== null) {
    return {
      thinking: text.slice(open, end.index),
      answer: text.slice(end.index + end[0].length).trim(),
      isOpen: false,
    };
  }
  if (thinks || open > 0) return { thinking: text.slice(open), answer: "", isOpen: true };
  return { thinking: null, answer: text, isOpen: false };
}

function splitHarmony(text: string): SplitCompletion {
  const start = text.indexOf(ANALYSIS);
  if (start === -1) return { thinking: null, answer: withoutMarkup(text), isOpen: false };
  const from = start + ANALYSIS.length;
  const end = text.indexOf(END, from);
  if (end === -1) return { thinking: text.slice(from), answer: withoutMarkup(text.slice(0, start)), isOpen: true };
  return {
    thinking: text.slice(from, end),
    answer: withoutMarkup(text.slice(0, start) + text.slice(end + END.length)),
    isOpen: false,
  };
}

function withoutMarkup(text: string): string {
  return text.replace(HARMONY_MARKUP, "").trim();
}
