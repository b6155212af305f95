import { type Logger, type Model, UsageError } from "@pka/core";
import { type CompletionsRenderer, openModel as openModelOfSpec, parseModelId, type ModelSpec } from "@pka/models";
import type { Environment } from "./environment.js";
import { openEngineModel } from "./open-engine-model.js";

export interface ModelOptions {
  readonly model: string;
  readonly baseUrl?: readonly string[];
  /** `developer` is a format of gpt-oss, the others are for OpenAI-compatible servers. */
  readonly renderer?: CompletionsRenderer | "developer";
  /** `YYYY-MM-DD`, for prompts that name a date. */
  readonly date?: string;
  readonly checkpointUri?: string;
  readonly inferenceName?: string;
  readonly concurrency: number;
}

/** `--model` and the flags that belong to it, with the environment's keys and addresses. */
export async function openModel(
  options: ModelOptions,
  environment: Environment,
  request: { readonly logger: Logger; readonly signal: AbortSignal },
): Promise<Model> {
  const spec = parseModelId(options.model);
  const { openaiApiKey, openaiBaseUrl, vllmApiKey, vllmBaseUrls, hub, onnxCacheDir } = environment;
  const baseUrls = options.baseUrl ?? [];
  checkFlags(options, spec);
  const renderer = options.renderer === "developer" ? undefined : options.renderer;
  return openModelOfSpec(
    spec,
    {
      openai: { apiKey: openaiApiKey, baseUrl: baseUrls[0] ?? openaiBaseUrl },
      vllm: { baseUrls: baseUrls.length > 0 ? baseUrls : vllmBaseUrls, apiKey: vllmApiKey, renderer },
      hf: { endpoint: hub.endpoint, token: hub.token, offline: hub.offline, cacheDir: onnxCacheDir },
      engine: openEngineModel,
      tinker: async (baseModel) => {
        const { openTinkerModel } = await import("./open-tinker-model.js");
        const how = {
          baseUrl: baseUrls[0],
          checkpoint: checkpointOf(options)?.uri,
          date: options.date,
          harmonyStyle: options.renderer === "developer" ? "developer" : undefined,
        } as const;
        return openTinkerModel(baseModel, how, environment, request);
      },
    },
    { maxConcurrency: options.concurrency, ...request },
  );
}

/** @throws UsageError for a flag that the model has no use for. */
function checkFlags({ baseUrl = [], renderer, date }: ModelOptions, { id, provider, model }: ModelSpec): void {
  if (baseUrl.length > 0 && !["vllm", "openai", "tinker"].includes(provider))
    throw new UsageError(`--base-url is for models behind a server, not for ${id}`);
  if (baseUrl.length > 1 && provider !== "vllm") throw new UsageError(`${id} takes one --base-url`);
  if (date !== undefined && provider !== "tinker")
    throw new UsageError(`--date is for models on Tinker such as gpt-oss-20b, not for ${id}`);
  if (renderer === "developer") {
    if (!(provider === "tinker" && model.includes("gpt-oss")))
      throw new UsageError(`--renderer developer is a format of gpt-oss, not of ${id}`);
  } else if (renderer !== undefined && provider !== "vllm") {
    throw new UsageError(`--renderer is for models behind an OpenAI-compatible server (vllm:<id>), not for ${id}`);
  }
}

/** A checkpoint that is not the base model goes by a name, and a name goes with a checkpoint. */
export function checkpointOf({
  model,
  checkpointUri,
  inferenceName,
}: ModelOptions): { uri: string; name: string } | undefined {
  if (checkpointUri === undefined && inferenceName === undefined) return undefined;
  if (inferenceName === undefined) {
    throw new UsageError("--checkpoint-uri needs --inference-name: the checkpoint's name in the result file's name");
  }
  if (checkpointUri === undefined) {
    throw new UsageError(
      "--inference-name names the checkpoint that --checkpoint-uri gives; without one the base model would be asked",
    );
  }
  const { provider, id } = parseModelId(model);
  if (provider !== "tinker")
    throw new UsageError(`--checkpoint-uri is for models on Tinker such as gpt-oss-20b, not for ${id}`);
  return { uri: checkpointUri, name: inferenceName };
}
