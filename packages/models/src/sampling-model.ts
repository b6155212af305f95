import { type Completion, type Model, ModelError, PkaError, type SamplingClient } from "@pka/core";
import type { TokenRenderer } from "@pka/renderers";
import { checkThinkingMode } from "./check-thinking-mode.js";
import { defineModel } from "./define-model.js";
import { paperMessages, PROMPT_VERSION } from "./paper-prompts.js";

export interface SamplingModelOptions {
  readonly id: string;
  /** The model's part of result file names. */
  readonly fileName: string;
  /** Weights to sample from: the embedded engine's, Tinker's or your own. */
  readonly client: SamplingClient;
  readonly renderer: TokenRenderer;
  /** Most tokens of a completion, the stop token included. `qa` holds for whole prompts too. */
  readonly maxTokens: { readonly qa: number; readonly math: number };
  /** Default both. */
  readonly thinkingModes?: readonly boolean[] | undefined;
  /** What else decides the answers, such as the checkpoint. */
  readonly settings?: Model["settings"] | undefined;
  readonly close?: (() => Promise<void>) | undefined;
}

/**
 * A model over a {@link SamplingClient}: the instruction in a system message and the question in a user message, rendered to token ids.
 * `numTokens` counts every sampled token, the stop token included; the prompt is not counted.
 *
 * @throws UsageError when an option is not what `Model` needs.
 */
export function samplingModel(options: SamplingModelOptions): Model {
  const { client, renderer, maxTokens, close } = options;
  return defineModel({
    id: options.id,
    fileName: options.fileName,
    thinkingModes: options.thinkingModes ?? [true, false],
    settings: {
      api: "sampling",
      renderer: renderer.name,
      maxTokensQa: maxTokens.qa,
      maxTokensMath: maxTokens.math,
      promptVersion: PROMPT_VERSION,
      ...options.settings,
    },
    extraction: () => "answer-tags",

    async generate(ask, { signal } = {}): Promise<Completion> {
      checkThinkingMode(this, ask);
      const prompt = renderer.buildGenerationPrompt(paperMessages("system", ask), ask);
      const params = {
        maxTokens: ask.task === "math" ? maxTokens.math : maxTokens.qa,
        temperature: ask.sampling.temperature,
        topP: ask.sampling.topP,
        stop: renderer.stop,
        ...(ask.seed !== undefined && { seed: ask.seed }),
      };
      const [sequence] = await client.sample({ prompt, params, signal }).catch((error: unknown) => {
        throw asModelError(error, signal);
      });
      const { tokens, logprobs, stopReason } = sequence!;
      return {
        ...renderer.parse(tokens, ask),
        finishReason: stopReason,
        usage: {
          promptTokens: prompt.length,
          completionTokens: tokens.length,
          totalTokens: prompt.length + tokens.length,
        },
        numTokens: tokens.length,
        tokens,
        logprobs,
        attempts: 1,
      };
    },

    ...(close && { close }),
  });
}

/** A client's own errors, such as "the prompt is too long", concern the question that was asked. */
function asModelError(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  if (!PkaError.isInstance(error) || error.code === "model_error" || error.code === "usage") return error;
  return new ModelError(error.message, { kind: "invalid-request", cause: error });
}
