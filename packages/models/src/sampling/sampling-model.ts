import {
  type Clock,
  type Completion,
  type Model,
  ModelError,
  PkaError,
  type SamplingClient,
  systemClock,
} from "@pka/core";
import type { TokenRenderer } from "@pka/renderers";
import { checkThinkingMode } from "../check-thinking-mode.js";
import { defineModel } from "../define-model.js";
import { paperMessages, PROMPT_VERSION, type PromptStyle } from "../paper-prompts.js";
import { type Ending, withDeadline } from "../http/with-deadline.js";
import { usageOfTokens } from "./usage-of-tokens.js";

/** Options of {@link samplingModel}. */
export interface SamplingModelOptions {
  readonly id: string;
  /** The model's part of result file names. */
  readonly fileName: string;
  /** Weights to sample from: the embedded engine's, Tinker's or your own. */
  readonly client: SamplingClient;
  readonly renderer: TokenRenderer;
  /** Most tokens of a completion, the stop token included. `qa` holds for whole prompts too. */
  readonly maxTokens: { readonly qa: number; readonly math: number };
  /** Time for one answer, the client's own retries included. Default: as long as the client takes. */
  readonly timeoutMs?: number | undefined;
  /** Where the instruction goes. Default `system`. */
  readonly promptStyle?: PromptStyle | undefined;
  /** Default both. */
  readonly thinkingModes?: readonly boolean[] | undefined;
  /** What else decides the answers, such as the checkpoint. */
  readonly settings?: Model["settings"] | undefined;
  /** As `Model.isLocal`: the embedded engine in this process. Default false. */
  readonly isLocal?: boolean | undefined;
  readonly close?: (() => Promise<void>) | undefined;
  /** Default: real time. */
  readonly clock?: Clock | undefined;
}

/**
 * A model over a {@link SamplingClient}: the instruction in a system message and the question in a user message, rendered to token ids.
 * `numTokens` counts every sampled token, the stop token included; the prompt is not counted.
 *
 * @throws UsageError when an option is not what `Model` needs.
 */
export function samplingModel(options: SamplingModelOptions): Model {
  const { client, renderer, maxTokens, promptStyle = "system", isLocal = false, close } = options;
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
    isLocal,
    extraction: () => "answer-tags",

    async generate(ask, { signal } = {}): Promise<Completion> {
      checkThinkingMode(this, ask);
      const prompt = renderer.buildGenerationPrompt(paperMessages(promptStyle, ask), ask);
      const params = {
        maxTokens: ask.task === "math" ? maxTokens.math : maxTokens.qa,
        temperature: ask.sampling.temperature,
        topP: ask.sampling.topP,
        stop: renderer.stop,
        ...(ask.seed !== undefined && { seed: ask.seed }),
      };
      const sample = async (ending: AbortSignal | undefined) => {
        const [sequence] = await client.sample({ prompt, params, signal: ending });
        return { ...sequence!, parts: renderer.parse(sequence!.tokens, ask) };
      };
      const { parts, tokens, logprobs, stopReason } = await inTime(sample, options, signal).catch((error: unknown) => {
        throw asModelError(error, signal);
      });
      return {
        ...parts,
        finishReason: stopReason,
        usage: usageOfTokens(prompt, tokens),
        numTokens: tokens.length,
        tokens,
        logprobs,
        attempts: 1,
      };
    },

    ...(close && { close }),
  });
}

function inTime<T>(
  work: (ending: AbortSignal | undefined) => Promise<T>,
  { id, timeoutMs, clock = systemClock }: SamplingModelOptions,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (timeoutMs === undefined) return work(signal);
  const late = () => new ModelError(`${id} did not answer within ${timeoutMs / 1000} s`, { kind: "timeout" });
  const workWithSignal = (ending: Ending) => {
    const controller = new AbortController();
    ending.onCome(() => controller.abort(signal?.reason));
    return work(controller.signal);
  };
  return withDeadline(workWithSignal, { clock, timeoutMs, signal, late });
}

/**
 * A client's own errors, such as "the prompt is too long", concern the question that was asked; the renderer's are about what came
 * back.
 */
function asModelError(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  if (!PkaError.isInstance(error) || error.code === "model_error" || error.code === "usage") return error;
  const kind = error.code === "response_invalid" ? "bad-reply" : "invalid-request";
  return new ModelError(error.message, { kind, cause: error });
}
