import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type Logger, type Model, UsageError } from "@pka/core";
import { type CompletionsRenderer, openModel as openModelOfSpec, parseModelId } from "@pka/models";
import type { Environment } from "./environment.js";

export interface ModelOptions {
  readonly model: string;
  readonly baseUrl?: readonly string[];
  readonly renderer?: CompletionsRenderer;
  readonly checkpointUri?: string;
  readonly inferenceName?: string;
  readonly concurrency: number;
}

/** The most that the embedded model ever needs: its longest thought and answer are under 24 tokens. */
const ENGINE_MAX_TOKENS = { qa: 64, math: 64 };

/** `--model` and the flags that belong to it, with the environment's keys and addresses. */
export async function openModel(
  options: ModelOptions,
  environment: Environment,
  request: { readonly logger: Logger; readonly signal: AbortSignal },
): Promise<Model> {
  const spec = parseModelId(options.model);
  const { openaiApiKey, openaiBaseUrl, vllmApiKey, vllmBaseUrls, hub, onnxCacheDir } = environment;
  const baseUrls = options.baseUrl ?? [];
  const isServer = spec.provider === "vllm" || spec.provider === "openai";
  if (baseUrls.length > 0 && !isServer)
    throw new UsageError(`--base-url is for models behind a server, not for ${spec.id}`);
  if (baseUrls.length > 1 && spec.provider === "openai") throw new UsageError(`${spec.id} takes one --base-url`);
  if (options.renderer !== undefined && spec.provider !== "vllm") {
    throw new UsageError(`--renderer is for models behind an OpenAI-compatible server (vllm:<id>), not for ${spec.id}`);
  }
  return openModelOfSpec(
    spec,
    {
      openai: { apiKey: openaiApiKey, baseUrl: baseUrls[0] ?? openaiBaseUrl },
      vllm: { baseUrls: baseUrls.length > 0 ? baseUrls : vllmBaseUrls, apiKey: vllmApiKey, renderer: options.renderer },
      hf: { endpoint: hub.endpoint, token: hub.token, offline: hub.offline, cacheDir: onnxCacheDir },
      engine: openEngine,
    },
    { maxConcurrency: options.concurrency, ...request },
  );
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

async function openEngine(checkpoint: string) {
  const [{ checkpointFile, openEngine: open }, { tinyRenderer }] = await Promise.all([
    import("@pka/engine"),
    import("@pka/renderers"),
  ]);
  const engine = await open(checkpoint);
  const sha256 = createHash("sha256")
    .update(await readFile(checkpointFile(checkpoint)))
    .digest("hex");
  return {
    client: await engine.samplingClient(),
    renderer: tinyRenderer(engine.tokenizer),
    maxTokens: ENGINE_MAX_TOKENS,
    settings: { checkpointSha256: sha256 },
    close: () => engine.close(),
  };
}
