import { type Logger, messageOf, ModelError, PkaError } from "@pka/core";
import { hubFetch, type OnnxHub } from "./onnx-hub.js";
import type { CausalLm, ProgressEvent, TransformersPeer } from "./onnx-peer.js";

/**
 * Load the weights of a local folder, or of a repository, downloading what is not in the cache.
 *
 * @throws ModelError `not-found` when they are missing or cannot be used; `auth` and `connection` from the hub.
 */
export async function openOnnxWeights(
  { env, LogLevel, AutoModelForCausalLM }: TransformersPeer,
  checkpoint: {
    readonly model: string;
    readonly folder: string | undefined;
    readonly dtype: string;
    readonly hub: OnnxHub;
  },
  logger: Logger,
): Promise<CausalLm> {
  const { model, folder, dtype, hub } = checkpoint;
  const isLocal = folder !== undefined;
  // The library keeps these in one object per process.
  env.logLevel = LogLevel.ERROR;
  env.remoteHost = `${hub.endpoint}/`;
  env.allowRemoteModels = true; // `local_files_only` decides
  env.fetch = hubFetch(hub);

  logger.info(`loading ${model} (${dtype})`);
  const start = performance.now();
  try {
    const llm = await AutoModelForCausalLM.from_pretrained(folder ?? model, {
      device: "cpu",
      dtype,
      cache_dir: hub.cacheDir,
      local_files_only: isLocal || hub.offline,
      ...(!isLocal && { progress_callback: reportDownloads(logger) }),
    });
    logger.info(`loaded ${model} in ${((performance.now() - start) / 1000).toFixed(1)} s`);
    return llm;
  } catch (cause) {
    if (PkaError.isInstance(cause)) throw cause;
    const reason = messageOf(cause);
    const advice = isLocal ? "export it again" : "choose a repository with ONNX weights of this precision";
    throw new ModelError(`${model} (${dtype}) cannot be loaded: ${reason.replace(/\.?$/, "")}; ${advice}`, {
      kind: "not-found",
      cause,
    });
  }
}

const LARGE = 10_000_000; // bytes

/** One line for every tenth of a large file. */
function reportDownloads(logger: Logger): (event: ProgressEvent) => void {
  const tenths = new Map<string, number>();
  return ({ status, file = "", loaded = 0, total = 0 }) => {
    if (status !== "progress" || total < LARGE) return;
    const tenth = Math.floor((loaded / total) * 10);
    if (tenth <= (tenths.get(file) ?? 0)) return;
    tenths.set(file, tenth);
    logger.info(`${file}: ${tenth * 10} % of ${Math.round(total / 1e6)} MB`);
  };
}
