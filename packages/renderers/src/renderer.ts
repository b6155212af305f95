import type { Ask, Tokenizer } from "@pka/core";

/** One turn of a conversation. */
export interface Message {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
  /** What the assistant thought before `content`. Formats without thinking, and those for prompts only, leave it out. */
  readonly thinking?: string;
  /** Train on this message? For {@link TrainOnWhat} `customized`, which needs it on every message; no other value allows it. */
  readonly trainable?: boolean;
}

/** A completion taken apart. `answer` is `""` while the thinking never ended. */
export interface ParsedCompletion {
  /** Everything sampled, markup included. */
  readonly text: string;
  /** Absent where the format marks no thinking in this mode. */
  readonly thinking?: string;
  readonly answer: string;
}

/** A chat format whose prompts are strings, for servers that tokenize themselves. */
export interface TextRenderer {
  readonly name: string;
  /** The whole prompt as text, up to where the model continues. */
  renderPrompt(messages: readonly Message[], mode: Pick<Ask, "task" | "thinking">): string;
  parse(text: string, mode: { readonly thinking: boolean }): ParsedCompletion;
}

/** A chat format over one tokenizer, for services that take and give token ids. */
export interface TokenRenderer {
  readonly name: string;
  readonly tokenizer: Tokenizer;
  /** The whole prompt as token ids, up to where the model continues. */
  buildGenerationPrompt(messages: readonly Message[], mode: { readonly thinking: boolean }): number[];
  /** Token ids that end a completion. */
  readonly stop: readonly number[];
  parse(tokens: readonly number[], mode: { readonly thinking: boolean }): ParsedCompletion;
}

/**
 * Which tokens of a conversation are trained on. The names are those of tinker-cookbook.
 *
 * `all_tokens` everything but what the format puts in front of the conversation · all others: the bodies of
 * `last_assistant_message` the last message if it is the assistant's · `all_assistant_messages` · `all_messages` ·
 * `all_user_and_system_messages` · `customized` the messages with `trainable: true`.
 */
export type TrainOnWhat =
  | "last_assistant_message"
  | "all_assistant_messages"
  | "all_messages"
  | "all_tokens"
  | "all_user_and_system_messages"
  | "customized";

/** A conversation to train on: T token ids, and for each its weight in the loss, 0 or 1. */
export interface SupervisedExample {
  readonly tokens: readonly number[]; // [T]
  readonly weights: readonly number[]; // [T]
}

/** A completion as text. */
export interface ParsedResponse {
  /** The completion without its stop token, other markup spelled out. */
  readonly text: string;
  /** Did the model stop by itself? Else the token limit cut it. */
  readonly isComplete: boolean;
}

/** A chat format that a model can also be trained in. */
export interface TrainingRenderer extends TokenRenderer {
  /**
   * @param trainOnWhat - Default `last_assistant_message`.
   * @throws UsageError when a message has `trainable` where it must not, or lacks it where it must.
   */
  buildSupervisedExample(messages: readonly Message[], trainOnWhat?: TrainOnWhat): SupervisedExample;
  /** The completion as one text, thinking included, and whether it ended. @throws ResponseError when it goes on after its end. */
  parseResponse(tokens: readonly number[]): ParsedResponse;
}
