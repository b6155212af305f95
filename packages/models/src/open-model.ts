import { type Model, UsageError } from "@pka/core";
import { completionsModel, type CompletionsOptions } from "./openai/completions-model.js";
import type { ModelSpec } from "./model-id.js";
import { onnxModel, type OnnxOptions } from "./onnx/onnx-model.js";
import { openaiResponsesModel } from "./openai/openai-responses-model.js";
import type { RequestOptions } from "./http/requester.js";
import { tinkerModel, type TinkerModelOptions } from "./sampling/tinker-model.js";
import { samplingModel, type SamplingModelOptions } from "./sampling/sampling-model.js";

/** What the providers need, from flags and environment variables, which this package does not read. */
export interface Providers {
  readonly openai?: { readonly apiKey?: string | undefined; readonly baseUrl?: string | undefined } | undefined;
  readonly vllm?: Pick<Partial<CompletionsOptions>, "baseUrls" | "apiKey" | "renderer" | "maxTokens"> | undefined;
  /** Opens a base model of Tinker's, or the checkpoint of it that is meant. */
  readonly tinker?:
    | ((baseModel: string) => Promise<Omit<TinkerModelOptions, "id" | "fileName" | "baseModel">>)
    | undefined;
  readonly hf?: Omit<OnnxOptions, "id" | "fileName" | "model" | "logger"> | undefined;
  /** Opens a checkpoint of the embedded engine: `tiny`, or a path. */
  readonly engine?: ((checkpoint: string) => Promise<Omit<SamplingModelOptions, "id" | "fileName">>) | undefined;
}

/** vLLM's own default address. */
const VLLM_BASE_URL = "http://127.0.0.1:8000/v1";
const OPENAI_KEY_HINT = "set OPENAI_API_KEY; keys are made at https://platform.openai.com/api-keys";

/**
 * Opens the model that `spec` stands for. A server is asked at once what it serves; OpenAI is asked nothing before the first question.
 *
 * @throws UsageError when something is missing, naming the variable or flag that gives it · ModelError when a server is not there.
 */
export async function openModel(
  spec: ModelSpec,
  providers: Providers,
  request: RequestOptions & { readonly signal?: AbortSignal | undefined } = {},
): Promise<Model> {
  const { id, fileName, model } = spec;
  if (spec.provider === "openai") {
    const { apiKey, baseUrl } = providers.openai ?? {};
    if (apiKey === undefined && baseUrl === undefined)
      throw new UsageError(`${id} needs an API key: ${OPENAI_KEY_HINT}`);
    return openaiResponsesModel({ ...request, id, fileName, model, apiKey, baseUrl, keyHint: OPENAI_KEY_HINT });
  }
  if (spec.provider === "vllm") {
    const { baseUrls, apiKey, renderer, maxTokens } = providers.vllm ?? {};
    return completionsModel({
      ...request,
      id,
      fileName,
      model,
      baseUrls: baseUrls && baseUrls.length > 0 ? baseUrls : [VLLM_BASE_URL],
      apiKey,
      renderer: renderer ?? spec.renderer,
      maxTokens,
      keyHint: "set VLLM_API_KEY to the key that the server was started with",
      serverHint: `start one with "vllm serve ${model}", or give its address with --base-url or VLLM_BASE_URL`,
    });
  }
  if (spec.provider === "engine") {
    if (!providers.engine) throw new UsageError(`${id} needs the embedded engine, and none was given`);
    return samplingModel({ ...(await providers.engine(model)), id, fileName });
  }
  if (spec.provider === "hf") return onnxModel({ ...providers.hf, id, fileName, model, logger: request.logger });
  if (!providers.tinker) throw new UsageError(`${id} needs a Tinker client, and none was given`);
  const opened = await providers.tinker(model);
  try {
    return await tinkerModel({ ...opened, id, fileName, baseModel: model });
  } catch (error) {
    await opened.close?.();
    throw error;
  }
}
