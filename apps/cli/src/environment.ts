import { homedir } from "node:os";
import { join } from "node:path";

/** The environment variables that `pka` reads, with the meanings their ecosystems give them. Empty counts as unset. */
export interface Environment {
  readonly openaiApiKey: string | undefined;
  readonly openaiBaseUrl: string | undefined;
  readonly tinkerApiKey: string | undefined;
  readonly tinkerBaseUrl: string | undefined;
  readonly vllmApiKey: string | undefined;
  /** What `pka serve` asks of its clients. */
  readonly serverApiKey: string | undefined;
  /** Several servers are separated by commas. */
  readonly vllmBaseUrls: readonly string[];
  readonly hub: {
    readonly endpoint: string;
    readonly token: string | undefined;
    readonly cacheDir: string;
    readonly offline: boolean;
  };
  /** The user's own prices, if there is such a file. */
  readonly priceFile: string;
  /** Where `@huggingface/transformers` keeps models: its cache has another layout than the hub's. */
  readonly onnxCacheDir: string;
}

export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  const get = (name: string) => env[name]?.trim() || undefined;
  const cacheHome = get("XDG_CACHE_HOME") ?? join(homedir(), ".cache");
  const hubHome = get("HF_HOME") ?? join(cacheHome, "huggingface");
  return {
    openaiApiKey: get("OPENAI_API_KEY"),
    openaiBaseUrl: get("OPENAI_BASE_URL"),
    tinkerApiKey: get("TINKER_API_KEY"),
    tinkerBaseUrl: get("TINKER_BASE_URL"),
    vllmApiKey: get("VLLM_API_KEY"),
    serverApiKey: get("PKA_API_KEY"),
    vllmBaseUrls: (get("VLLM_BASE_URL") ?? "")
      .split(",")
      .map((url) => url.trim())
      .filter((url) => url !== ""),
    hub: {
      endpoint: get("HF_ENDPOINT") ?? "https://huggingface.co",
      token: get("HF_TOKEN"),
      cacheDir: get("HF_HUB_CACHE") ?? join(hubHome, "hub"),
      offline: ["1", "true", "yes", "on"].includes((get("HF_HUB_OFFLINE") ?? "").toLowerCase()),
    },
    priceFile: join(get("XDG_CONFIG_HOME") ?? get("APPDATA") ?? join(homedir(), ".config"), "pka", "prices.json"),
    onnxCacheDir: join(hubHome, "onnx"),
  };
}
