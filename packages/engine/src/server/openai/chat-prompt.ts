import { z } from "zod";
import type { WordTokenizer } from "../../word-tokenizer.js";
import { ApiError } from "../api-error.js";
import { type Choice, type Piece, textOf } from "./generate.js";

const partSchema = z.object({ type: z.string(), text: z.string().optional() });
export const contentSchema = z.union([z.string(), z.array(partSchema)]).nullish();
export const messageSchema = z.object({ role: z.string(), content: contentSchema });

export type ChatMessage = z.infer<typeof messageSchema>;

/**
 * The embedded model's prompt for a conversation: its last user message. It knows no other instruction than to answer that.
 * @throws ApiError 400 without a user message, and for content that is not text.
 */
export function chatPrompt(tokenizer: WordTokenizer, messages: readonly ChatMessage[], thinking: boolean): number[] {
  const question = messages.findLast(({ role }) => role === "user");
  if (!question) throw new ApiError(400, "messages hold no user message, and this model needs a question");
  return tokenizer.encode(` ${plainText(question.content)}<think>${thinking ? "" : "</think>"}`);
}

function plainText(content: ChatMessage["content"]): string {
  if (typeof content === "string") return content;
  return (content ?? [])
    .map(({ type, text }) => {
      if (text !== undefined) return text;
      throw new ApiError(400, `content of type "${type}" is not text, which is all that this model reads`);
    })
    .join("");
}

/** A completion with its thought apart. */
export interface Answer {
  /** `undefined` where the prompt allowed no thought. */
  readonly reasoning: readonly Piece[] | undefined;
  readonly content: readonly Piece[];
  /** Text of `content`, without the space that the embedded model begins it with. */
  readonly text: string;
}

const END_THINK = "</think>";

/** Up to `</think>` it is reasoning; while that is missing, all of it is. */
export function splitAnswer(choice: Choice, thinking: boolean): Answer {
  const { pieces } = choice;
  if (!thinking) return { reasoning: undefined, content: pieces, text: textOf(choice).trim() };
  const close = pieces.findIndex(({ text }) => text === END_THINK);
  if (close < 0) return { reasoning: pieces, content: [], text: "" };
  const content = pieces.slice(close + 1);
  return { reasoning: pieces.slice(0, close), content, text: textOf({ ...choice, pieces: content }).trim() };
}
