import { z } from "zod";
import { ApiError } from "../api-error.js";

/** Fields that decide how tokens are drawn, as OpenAI's APIs share them; `top_k` is vLLM's. */
export const samplingFields = {
  model: z.string(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  top_k: z.number().int().nullish(),
  n: z.number().int().min(1).max(128).nullish(),
  seed: z.number().int().nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
};

/** Fields that would change the answer and that the embedded engine does not have: accepted at their neutral values only. */
const NEUTRAL: Readonly<Record<string, (value: unknown) => boolean>> = {
  presence_penalty: (value) => value === 0,
  frequency_penalty: (value) => value === 0,
  // 0 of transformers serve, 1 of vLLM: none.
  repetition_penalty: (value) => value === 0 || value === 1,
  min_p: (value) => value === 0,
  logit_bias: isEmpty,
  tools: isEmpty,
  functions: isEmpty,
  best_of: (value) => value === 1,
  suffix: (value) => value === "",
  echo: (value) => value === false,
  response_format: (value) => isText(value),
  previous_response_id: () => false,
  conversation: () => false,
  background: (value) => value === false,
};

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

function isText(value: unknown): boolean {
  return typeof value === "object" && value !== null && "type" in value && value.type === "text";
}

/** @throws ApiError 400 naming a field that would be ignored. */
export function refuseUnsupported(json: unknown): void {
  if (typeof json !== "object" || json === null) throw new ApiError(400, "the body must be a JSON object");
  for (const [field, value] of Object.entries(json)) {
    if (value === null || value === undefined || NEUTRAL[field]?.(value) !== false) continue;
    throw new ApiError(400, `${field} is not supported by this server; leave it out`);
  }
}
