import { type Logger, UsageError } from "@pka/core";
import type { TinkerModelOptions } from "@pka/models";
import { openSampler, parseTinkerPath } from "@pka/tinker";
import type { Environment } from "./environment.js";
import { ENGINE_MAX_TOKENS } from "./open-engine-model.js";
import { openTinker } from "./open-tinker.js";

interface OpenTinkerModelOptions {
  readonly baseUrl: string | undefined;
  /** Instead of the base model. */
  readonly checkpoint: string | undefined;
  readonly date: string | undefined;
  readonly harmonyStyle: TinkerModelOptions["harmonyStyle"];
}

/** A base model on Tinker, or a checkpoint of it, with what it takes to ask it. */
export async function openTinkerModel(
  baseModel: string,
  options: OpenTinkerModelOptions,
  { hub, onnxCacheDir, tinkerBaseUrl }: Environment,
  { logger, signal }: { readonly logger: Logger; readonly signal: AbortSignal },
): Promise<Omit<TinkerModelOptions, "id" | "fileName" | "baseModel">> {
  const ending = new AbortController();
  const client = openTinker({ baseUrl: options.baseUrl, signal: ending.signal }, logger);
  try {
    return {
      client: await openSampler(client, { baseModel, checkpoint: options.checkpoint, signal }),
      date: options.date,
      harmonyStyle: options.harmonyStyle,
      tokenizers: { ...hub, cacheDir: onnxCacheDir, hubCacheDir: hub.cacheDir },
      ...(await embeddedFormat(baseModel)),
      settings: { server: isHosted(options.baseUrl ?? tinkerBaseUrl) ? "tinker" : "other" },
      close: () => client.close(signal.aborted ? "interrupted" : "success"),
    };
  } catch (error) {
    // Whatever is still being opened keeps no process alive.
    if (signal.aborted) ending.abort(signal.reason);
    else await client.close("errored");
    throw error;
  }
}

/** `pka serve` has the embedded engine's models, whose format is in no repository. */
async function embeddedFormat(baseModel: string): Promise<Pick<TinkerModelOptions, "renderer" | "maxTokens">> {
  const [{ openEngine, SHIPPED_CHECKPOINTS }, { tinyRenderer }] = await Promise.all([
    import("@pka/engine"),
    import("@pka/renderers"),
  ]);
  if (!SHIPPED_CHECKPOINTS.some((name) => name === baseModel)) return {};
  const engine = await openEngine(baseModel, { worker: false });
  await engine.close();
  return { renderer: tinyRenderer(engine.tokenizer), maxTokens: ENGINE_MAX_TOKENS };
}

/** Answers of a stand-in and of the service itself do not mix. */
function isHosted(baseUrl: string | undefined): boolean {
  return baseUrl === undefined || new URL(baseUrl).hostname.endsWith("thinkingmachines.dev");
}

/** @throws UsageError for a path that is none, or that of exported weights. */
export function checkCheckpoint(uri: string): void {
  if (parseTinkerPath(uri).kind !== "external_weights") return;
  throw new UsageError(`${uri} cannot be sampled from: give a path of weights or sampler_weights`);
}
