import { type Ask, messageOf, ModelError, PkaError, Random } from "@pka/core";
import { drawToken } from "../sampling/draw-token.js";
import type { CausalLm, TransformersPeer } from "./onnx-peer.js";

/** Sampled tokens, the end token included. */
export interface OnnxSequence {
  readonly tokens: readonly number[];
  readonly finishReason: "stop" | "length";
}

/**
 * Sample one completion of `prompt`, of at most `maxTokens` tokens or as many as the model's context still holds.
 * Nothing of the checkpoint's `generation_config.json` applies but its end tokens.
 *
 * @throws ModelError `invalid-request` when the prompt fills the context or the runtime fails; the abort reason.
 */
export async function onnxGenerate(
  transformers: TransformersPeer,
  llm: CausalLm,
  request: Pick<Ask, "sampling" | "seed"> & {
    readonly prompt: readonly number[];
    readonly maxTokens: number;
    readonly signal: AbortSignal | undefined;
  },
): Promise<OnnxSequence> {
  const { prompt, sampling, seed, signal } = request;
  const context = llm.config.max_position_embeddings ?? Infinity;
  const maxTokens = Math.min(request.maxTokens, context - prompt.length);
  if (maxTokens < 1) {
    throw new ModelError(`the prompt has ${prompt.length} tokens, but the model holds ${context} with its answer`, {
      kind: "invalid-request",
    });
  }
  const seeded = seed === undefined ? undefined : new Random(seed);
  const random = seeded === undefined ? Math.random : () => seeded.next();
  const shape = [1, prompt.length];
  try {
    const sequence = await llm.generate({
      input_ids: new transformers.Tensor("int64", BigInt64Array.from(prompt, BigInt), shape),
      attention_mask: new transformers.Tensor("int64", new BigInt64Array(prompt.length).fill(1n), shape),
      max_new_tokens: maxTokens,
      // What the checkpoint's generation_config.json may ask for and vLLM's SamplingParams do not.
      repetition_penalty: 1,
      no_repeat_ngram_size: 0,
      min_length: 0,
      min_new_tokens: 0,
      // Leave one token to choose from: the library's own sampling knows no top-p and no seed of one request.
      do_sample: false,
      num_beams: 1,
      logits_processor: [
        (_, logits) => {
          const token = drawToken(logits.data, sampling, random);
          logits.data.fill(-Infinity);
          logits.data[token] = 0;
          return logits;
        },
      ],
      stopping_criteria: [() => [signal?.aborted ?? false]],
    });
    signal?.throwIfAborted();
    const tokens = Array.from(sequence.data, Number).slice(prompt.length);
    const end = [llm.generation_config?.eos_token_id ?? llm.config.eos_token_id].flat();
    return { tokens, finishReason: end.includes(tokens.at(-1)) ? "stop" : "length" };
  } catch (cause) {
    if (signal?.aborted || PkaError.isInstance(cause)) throw cause;
    const reason = messageOf(cause);
    throw new ModelError(`the ONNX runtime failed: ${reason}`, { kind: "invalid-request", cause });
  }
}
