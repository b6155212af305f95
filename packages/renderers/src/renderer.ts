import type { Ask, Tokenizer } from "@pka/core";

/** One turn of a conversation. */
export interface Message {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
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
