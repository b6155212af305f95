import { type Logger, nearestName, type SamplingClient, UsageError } from "@pka/core";
import type { Engine } from "@pka/engine";
import type { HarmonyRendererName, TrainingRenderer } from "@pka/renderers";
import type { TinkerClient } from "@pka/tinker";
import type { TrainingService } from "@pka/training";
import type { Environment } from "../environment.js";
import { isEmbedded } from "./is-embedded.js";

/** The flags that say what is trained. */
export interface BackendOptions {
  readonly modelName: string;
  readonly loraRank?: number | null;
  readonly loraSeed?: number | null;
  readonly rendererName?: string | null;
  readonly date?: string | null;
  readonly baseUrl?: string | null;
  readonly engine?: string | true;
}

/** A model that can be trained, and the chat format it is trained in. */
export interface TrainingBackend {
  readonly renderer: TrainingRenderer;
  readonly service: TrainingService;
  /** Samples from a checkpoint instead of the base model. */
  openSamplingClient(path: string): Promise<SamplingClient>;
  close(): Promise<void>;
}

const RANK = 32;
const DEFAULT_CHECKPOINT = "tiny";

/** The embedded model's checkpoint; `undefined` where a Tinker service trains. */
function engineCheckpoint({ engine }: BackendOptions): string | undefined {
  return engine === true ? DEFAULT_CHECKPOINT : engine;
}

/** What trains: `--engine`'s checkpoint, or `--model-name`. */
export function trainedModel(options: BackendOptions): string {
  return engineCheckpoint(options) ?? options.modelName;
}

/** Rank of the adapters; 0 = all weights. */
export function rankOf(options: BackendOptions): number {
  return options.loraRank ?? (engineCheckpoint(options) === undefined ? RANK : 0);
}

/** The chat format alone: enough for a plan. */
export async function openRenderer(options: BackendOptions): Promise<TrainingRenderer> {
  if (!isEmbedded(options)) return harmony(options);
  const { openEngine } = await import("@pka/engine");
  const engine = await openEngine(trainedModel(options), { worker: false });
  const renderer = await tiny(engine);
  await engine.close();
  return renderer;
}

/**
 * @param directory - Where the embedded model's checkpoints go.
 * @throws UsageError without a key, and for a model that the service does not have; TinkerError when it refuses the key or is not reached.
 */
export async function openBackend(
  options: BackendOptions,
  request: { readonly directory: string; readonly environment: Environment; readonly logger: Logger },
): Promise<TrainingBackend> {
  const checkpoint = engineCheckpoint(options);
  return checkpoint === undefined ? tinkerBackend(options, request) : engineBackend(checkpoint, options, request);
}

async function engineBackend(
  checkpoint: string,
  options: BackendOptions,
  { directory }: { readonly directory: string },
): Promise<TrainingBackend> {
  const { openEngine } = await import("@pka/engine");
  const engine = await openEngine(checkpoint);
  const rank = rankOf(options);
  const { loraSeed } = options;
  const lora = { ...(rank > 0 && { lora: { rank } }), ...(typeof loraSeed === "number" && { seed: loraSeed }) };
  return {
    renderer: await tiny(engine),
    service: {
      async createTrainingClient(from) {
        const client = await engine.trainingClient({ directory, ...lora });
        if (from) await client.loadState(from.statePath, from);
        return client;
      },
      createBaseSamplingClient: () => engine.samplingClient(),
    },
    openSamplingClient: (path) => engine.samplingClient(path),
    close: () => engine.close(),
  };
}

async function tinkerBackend(
  options: BackendOptions,
  { environment, logger }: { readonly environment: Environment; readonly logger: Logger },
): Promise<TrainingBackend> {
  const { tinkerApiKey, tinkerBaseUrl } = environment;
  if (tinkerApiKey === undefined) {
    throw new UsageError(
      `${options.modelName} is trained on Tinker: set TINKER_API_KEY, or train the embedded model with --engine`,
    );
  }
  const renderer = await openRenderer(options);
  const { TinkerClient } = await import("@pka/tinker");
  const client = new TinkerClient({ apiKey: tinkerApiKey, baseUrl: options.baseUrl ?? tinkerBaseUrl, logger });
  const baseModel = options.modelName;
  await checkBaseModel(client, baseModel);
  const lora = { baseModel, rank: rankOf(options), seed: options.loraSeed ?? undefined };
  return {
    renderer,
    service: {
      createTrainingClient(from) {
        if (from === undefined) return client.createLoraTrainingClient(lora);
        if (from.optimizer) return client.createTrainingClientFromStateWithOptimizer(from.statePath);
        return client.createTrainingClientFromState(from.statePath);
      },
      createBaseSamplingClient: () => client.createSamplingClient({ baseModel }),
    },
    openSamplingClient: (modelPath) => client.createSamplingClient({ modelPath }),
    close: () => client.close(),
  };
}

/** Key, address and model are right: asked before data is loaded and a folder is touched. */
async function checkBaseModel(client: TinkerClient, baseModel: string): Promise<void> {
  const { supportedModels } = await client.getServerCapabilities();
  const names = supportedModels.map(({ name }) => name);
  // A variant stands behind a colon.
  if (names.length === 0 || names.includes(baseModel) || names.includes(baseModel.split(":")[0]!)) return;
  const nearest = nearestName(baseModel, names);
  const hint = nearest === undefined ? "" : ` Did you mean ${nearest}?`;
  throw new UsageError(`--model-name ${baseModel}: the service has no such model.${hint} It has ${names.join(", ")}`);
}

async function harmony({ modelName, rendererName, date }: BackendOptions): Promise<TrainingRenderer> {
  const { harmonyRenderer, loadHarmonyTokenizer } = await import("@pka/renderers");
  const model = modelName.toLowerCase();
  if (!model.includes("gpt-oss")) {
    throw new UsageError(
      `--model-name ${modelName}: only models of the gpt-oss family have a chat format to be trained in here`,
    );
  }
  const recommended = model.includes("gpt-oss-20b") ? "gpt_oss_low_reasoning" : "gpt_oss_no_sysprompt";
  const name = (rendererName ?? recommended) as HarmonyRendererName;
  return harmonyRenderer(await loadHarmonyTokenizer(), { name, date: date ?? undefined });
}

async function tiny(engine: Engine): Promise<TrainingRenderer> {
  const { tinyRenderer } = await import("@pka/renderers");
  return tinyRenderer(engine.tokenizer);
}
