import { type Model, UsageError } from "@pka/core";
import { completionsModel, type CompletionsOptions } from "./completions-model.js";
import type { ModelSpec } from "./model-id.js";
import { openaiResponsesModel } from "./openai-responses-model.js";
import type { RequestOptions } from "./requester.js";
import { samplingModel, type SamplingModelOptions } from "./sampling-model.js";

/** What the providers need, from flags and environment variables, which this package does not read. */
export interface Providers {
  readonly openai?: { readonly apiKey?: string | undefined; readonly baseUrl?: string | undefined } | undefined;
  readonly vllm?: Pick<Partial<CompletionsOptions>, "baseUrls" | "apiKey" | "renderer" | "maxTokens"> | undefined;
  /** Opens a checkpoint of the embedded engine. */
  readonly engine?: (checkpoint: string) => Promise<Omit<SamplingModelOptions, "id" | "fileName">>;
}

/** vLLM's own default port. */
const VLLM_BASE_URL = "http://127.0.0.1:8000/v1";

/**
 * Opens the model that `spec` stands for. A server is asked at once what it serves; OpenAI is not asked anything before the first question.
 *
 * @throws UsageError when something is missing, naming the variable or flag that gives it · ModelError when a server is not there.
 */
export async function openModel(
  spec: ModelSpec,
  providers: Providers,
  request: RequestOptions & { signal?: AbortSignal } = {},
): Promise<Model> {
  const { id, fileName } = spec;
  switch (spec.provider) {
    case "openai": {
      const keyHint = "set OPENAI_API_KEY; keys are made at https://platform.openai.com/api-keys";
      const { apiKey, baseUrl } = providers.openai ?? {};
      if (!apiKey && baseUrl === undefined) throw new UsageError(`${id} needs an OpenAI API key: ${keyHint}`);
      return openaiResponsesModel({
        ...request,
        id,
        fileName,
        model: spec.model,
        apiKey: apiKey || undefined,
        baseUrl,
        keyHint,
      });
    }
    case "vllm":
      return completionsModel({
        ...request,
        ...providers.vllm,
        id,
        fileName,
        model: spec.model,
        baseUrls: providers.vllm?.baseUrls ?? [VLLM_BASE_URL],
        renderer: providers.vllm?.renderer ?? spec.renderer,
        keyHint: "set VLLM_API_KEY to what the server was started with",
        serverHint: `start one with "vllm serve ${spec.model}", or give its address with --base-url or VLLM_BASE_URL`,
      });
    case "engine":
      if (!providers.engine) throw new UsageError(`${id} needs the embedded engine, and none was given`);
      return samplingModel({ ...(await providers.engine(spec.checkpoint)), id, fileName });
    case "tinker":
      throw new UsageError(`${id} needs the Tinker client, which this version does not include yet`);
    case "hf":
      throw new UsageError(`${id}: not yet`);
  }
}
