import type { Ask } from "@pka/core";
import type { ServerKind } from "./server-info.js";

/**
 * The fields that decide how tokens are drawn.
 *
 * vLLM fills what is not sent from the model's `generation_config.json`, so everything is sent, with the values of its Python
 * class `SamplingParams`, which the paper used. Other servers get OpenAI's fields alone, and of these only what is asked for:
 * `transformers serve` answers 422 to vLLM's own and takes a `frequency_penalty` of 0 for a repetition penalty of 0.
 */
export function samplingFields(
  kind: ServerKind,
  { sampling, seed }: Pick<Ask, "sampling" | "seed">,
  maxTokens: number,
): object {
  const standard = {
    max_tokens: maxTokens,
    temperature: sampling.temperature,
    top_p: sampling.topP,
    stream: false,
    ...(seed !== undefined && { seed }),
  };
  if (kind !== "vllm") return standard;
  return { ...standard, n: 1, presence_penalty: 0, frequency_penalty: 0, repetition_penalty: 1, top_k: -1, min_p: 0 };
}
