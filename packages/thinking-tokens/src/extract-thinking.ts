import type { ModelType } from "./model-type.js";

/** How completions mark their thinking: harmony's analysis channel, or everything before `</think>`. */
export type ThinkingFormat = "harmony" | "think-tags";

/** The thinking of one completion. */
export interface Thinking {
  /**
   * `closed`: it came to an end. `unclosed`: it started and never ended, so all that follows counts as thinking.
   * `none`: harmony without an analysis message. With think tags there is always thinking: the prompt opened it.
   */
  readonly state: "closed" | "unclosed" | "none";
  readonly text: string;
}

/** How each model of the paper marks its thinking. */
export const FORMATS: Readonly<Record<ModelType, ThinkingFormat>> = {
  "gpt-oss-20b": "harmony",
  "olmo-3-7b-think": "think-tags",
  "r1-distill-qwen-1.5b": "think-tags",
};

const ANALYSIS = "<|channel|>analysis<|message|>";
const END = "<|end|>";
/** What else ends a message of harmony, though not a thought that is followed by an answer. */
const CUT = /<\|(?:return|call|start|channel)\|>/;
/** Any case as Python ignores it: U+0130 and U+0131 are an i, U+212A is a k. */
const CLOSE_TAG = /<\/th[iI\u0130\u0131]n[kK\u212a]>/i;

/**
 * Where the thinking of a completion ends.
 *
 * `harmony`: the first analysis message, up to the next `<|end|>`; open where none follows.
 * `think-tags`: everything before the first `</think>`, in any case; without one, the whole completion. An opening tag counts as text.
 *
 * @param text - The completion as result files hold it, markup spelled out and special tokens included.
 */
export function extractThinking(text: string, format: ThinkingFormat): Thinking {
  if (format === "think-tags") {
    const at = text.search(CLOSE_TAG);
    return at < 0 ? { state: "unclosed", text } : { state: "closed", text: text.slice(0, at) };
  }
  const opening = text.indexOf(ANALYSIS);
  if (opening < 0) return { state: "none", text: "" };
  const thought = text.slice(opening + ANALYSIS.length);
  const end = thought.indexOf(END);
  if (end >= 0) return { state: "closed", text: thought.slice(0, end) };
  const cut = thought.search(CUT);
  return { state: "unclosed", text: cut < 0 ? thought : thought.slice(0, cut) };
}

/**
 * The thinking as the paper's script takes it: harmony's only when it is closed.
 *
 * @param modelType - Any other name than a {@link ModelType} gives `""`, as the script does.
 * @see `extract_thinking_tokens.py` of arXiv:2602.22193.
 */
export function paperThinking(text: string, modelType: string | null): string {
  if (modelType === null || !Object.hasOwn(FORMATS, modelType)) return "";
  const format = FORMATS[modelType as ModelType];
  const thinking = extractThinking(text, format);
  return format === "harmony" && thinking.state !== "closed" ? "" : thinking.text;
}

/** Length as Python's `len` counts: code points. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
