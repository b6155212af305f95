import { type Ask, type Completion, ModelError } from "@pka/core";
import { olmoRenderer, r1Renderer, type TextRenderer } from "@pka/renderers";
import { parseTextReply } from "./completions-reply.js";
import type { CompletionsServer, Replied } from "./completions-server.js";
import { paperMessages, type PromptStyle } from "../paper-prompts.js";
import { samplingFields } from "./sampling-fields.js";

/** A model of the paper that is asked with prompts rendered here. */
export interface PromptFormat {
  readonly renderer: TextRenderer;
  readonly style: PromptStyle;
  /** Token limits of a completion. `forced`: of the second pass that makes a model answer which thinks on and on. */
  readonly maxTokens: { readonly thinking: number; readonly noThinking: number; readonly forced?: number };
}

/** @see `run_eval.py` of arXiv:2602.22193 for the limits. */
export const PROMPT_FORMATS: Readonly<Record<"olmo" | "r1", PromptFormat>> = {
  olmo: { renderer: olmoRenderer, style: "system", maxTokens: { thinking: 7000, noThinking: 4096, forced: 1028 } },
  r1: { renderer: r1Renderer, style: "after", maxTokens: { thinking: 4096, noThinking: 4096 } },
};

/** The whole prompt as text. */
export function renderPrompt({ renderer, style }: PromptFormat, ask: Omit<Ask, "sampling" | "seed">): string {
  return renderer.renderPrompt(paperMessages(style, ask), ask);
}

/** Everything but the prompt and the model's name. */
export function promptFields(
  server: Pick<CompletionsServer, "kind">,
  ask: Pick<Ask, "sampling" | "seed">,
  maxTokens: number,
): object {
  // The tokenizer adds its special tokens to a rendered prompt, as it did in the paper's runs. For R1 that is a second BOS.
  return {
    ...samplingFields(server.kind, ask, maxTokens),
    ...(server.kind === "vllm" && { add_special_tokens: true }),
  };
}

/** One question to `/v1/completions`, with Olmo's second pass where the format has one and the thinking did not end. */
export async function askByPrompt(
  server: CompletionsServer,
  format: PromptFormat,
  ask: Ask,
  signal: AbortSignal | undefined,
): Promise<Completion> {
  const { thinking, noThinking, forced } = format.maxTokens;
  const prompt = renderPrompt(format, ask);
  const complete = (text: string, maxTokens: number) =>
    server.post("/completions", { prompt: text, ...promptFields(server, ask, maxTokens) }, parseTextReply, signal);

  const first = await complete(prompt, ask.thinking ? thinking : noThinking);
  if (!ask.thinking || forced === undefined || first.text.toLowerCase().includes("</think>")) {
    return { ...first, ...parsed(format, first.text, ask), numTokens: first.usage.completionTokens ?? 0 };
  }

  // Close the thinking in the model's stead and let it go on from there.
  const closing = ask.task === "qa" ? "\n</think>\n<answer>" : "\n</think>\n";
  const second = await complete(prompt + first.text + closing, forced).catch((error: unknown) => {
    throw error instanceof ModelError ? afterFirstPass(error, first) : error;
  });
  const usage = add(first, second);
  return {
    ...second,
    ...parsed(format, first.text + closing + second.text, ask),
    usage,
    numTokens: usage.completionTokens ?? 0,
    ...together(first, second),
  };
}

/** Requests of two passes together. */
function together(
  first: Replied<object>,
  second: Pick<Completion, "attempts" | "possiblyBilled">,
): Pick<Completion, "attempts" | "possiblyBilled"> {
  const possiblyBilled = (first.possiblyBilled ?? 0) + (second.possiblyBilled ?? 0);
  return { attempts: first.attempts + second.attempts, ...(possiblyBilled > 0 && { possiblyBilled }) };
}

/** A second pass that failed: the first was answered and paid, and its tokens stand nowhere. */
function afterFirstPass(error: ModelError, first: Replied<object>): ModelError {
  const { kind, status, requestId } = error;
  const { attempts, possiblyBilled = 0 } = together(first, error);
  return new ModelError(error.message, { kind, status, requestId, attempts, possiblyBilled: possiblyBilled + 1 });
}

function parsed({ renderer }: PromptFormat, text: string, ask: Ask): Pick<Completion, "text" | "thinking" | "answer"> {
  return renderer.parse(text, ask);
}

/** Tokens of two requests together; the counts of text that was put in between are in the second prompt. */
function add(
  { usage: a }: Replied<Pick<Completion, "usage">>,
  { usage: b }: Pick<Completion, "usage">,
): Completion["usage"] {
  if (a.totalTokens === undefined || b.totalTokens === undefined) return {};
  return {
    promptTokens: (a.promptTokens ?? 0) + (b.promptTokens ?? 0),
    ...((a.cachedPromptTokens ?? b.cachedPromptTokens) !== undefined && {
      cachedPromptTokens: (a.cachedPromptTokens ?? 0) + (b.cachedPromptTokens ?? 0),
    }),
    completionTokens: (a.completionTokens ?? 0) + (b.completionTokens ?? 0),
    totalTokens: a.totalTokens + b.totalTokens,
  };
}
