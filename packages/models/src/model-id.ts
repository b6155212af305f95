import { nearestName, UsageError } from "@pka/core";
import type { CompletionsRenderer } from "./openai/completions-model.js";
import { modelFileName } from "./model-file-name.js";

/** What a `--model` means. */
export type ModelSpec = {
  /** The id in its one spelling: `engine:tiny` for `tiny`, `gpt-5.2` for `openai:gpt-5.2`. */
  readonly id: string;
  /** The model's part of result file names. */
  readonly fileName: string;
  /**
   * What stands behind the provider's prefix: OpenAI's or the server's model id, Tinker's base model, a folder or hub repository
   * with an ONNX model, an engine's checkpoint (`tiny`, or a path).
   */
  readonly model: string;
} & (
  | { readonly provider: "openai" | "tinker" | "hf" | "engine" }
  | { readonly provider: "vllm"; readonly renderer: CompletionsRenderer }
);

/** Models with a name and a file name of their own: the paper's four, and the embedded default. */
const NAMED: ReadonlyMap<string, ModelSpec> = new Map<string, ModelSpec>([
  ["gpt-5.2", { provider: "openai", id: "gpt-5.2", fileName: "gpt52", model: "gpt-5.2" }],
  ["gpt-oss-20b", { provider: "tinker", id: "gpt-oss-20b", fileName: "gptoss20b", model: "openai/gpt-oss-20b" }],
  [
    "olmo-3-7b-think",
    {
      provider: "vllm",
      id: "olmo-3-7b-think",
      fileName: "olmo3",
      model: "allenai/Olmo-3-7B-Think",
      renderer: "olmo",
    },
  ],
  [
    "r1-distill-qwen-1.5b",
    {
      provider: "vllm",
      id: "r1-distill-qwen-1.5b",
      fileName: "r1qwen",
      model: "deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B",
      renderer: "r1",
    },
  ],
  ["tiny", { provider: "engine", id: "engine:tiny", fileName: "tiny", model: "tiny" }],
]);

/** What follows the colon, for messages. */
const PREFIXES: Readonly<Record<ModelSpec["provider"], string>> = {
  openai: "a model id, such as openai:gpt-5-mini-2025-08-07",
  vllm: "the id that the server serves, such as vllm:Qwen/Qwen3-8B",
  tinker: "a base model, such as tinker:openai/gpt-oss-20b",
  hf: "a folder or a repository with an ONNX model, such as hf:onnx-community/Qwen3-0.6B-ONNX",
  engine: "a checkpoint: engine:tiny, or a path",
};

/**
 * Reads a model id: a name (`gpt-5.2`, `gpt-oss-20b`, `olmo-3-7b-think`, `r1-distill-qwen-1.5b`, `tiny`) or `<provider>:<id>`.
 * A named model keeps its name, prompts and file name when it is written with its provider: `vllm:allenai/Olmo-3-7B-Think` is
 * `olmo-3-7b-think`.
 *
 * @throws UsageError for an unknown name or provider, with the nearest one, and for a provider without an id.
 */
export function parseModelId(id: string): ModelSpec {
  const named = NAMED.get(id);
  if (named) return named;
  const colon = id.indexOf(":");
  if (colon < 0) throw unknown(id, NAMED.keys());
  const [provider, model] = [id.slice(0, colon), id.slice(colon + 1)];
  if (!isProvider(provider))
    throw unknown(
      id,
      Object.keys(PREFIXES).map((prefix) => `${prefix}:${model}`),
    );
  if (model.trim() === "") throw new UsageError(`model ${provider}: needs ${PREFIXES[provider]}`);
  if (/\p{Cc}/u.test(model)) throw new UsageError(`model ${JSON.stringify(id)} holds control characters`);

  const synonym = [...NAMED.values()].find((other) => other.provider === provider && other.model === model);
  if (synonym) return synonym;
  const common = { id, fileName: modelFileName(provider, model), model };
  return provider === "vllm" ? { ...common, provider, renderer: "chat" } : { ...common, provider };
}

function isProvider(text: string): text is ModelSpec["provider"] {
  return Object.hasOwn(PREFIXES, text);
}

function unknown(id: string, candidates: Iterable<string>): UsageError {
  const nearest = nearestName(id, candidates);
  const hint = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  const known = [...NAMED.keys(), ...Object.keys(PREFIXES).map((prefix) => `${prefix}:…`)].join(", ");
  return new UsageError(`unknown model "${id}"${hint} (known: ${known})`);
}
