import { nearestName, UsageError } from "@pka/core";
import type { CompletionsRenderer } from "./completions-model.js";
import { modelFileName } from "./model-file-name.js";

interface Named {
  /** The id in its one spelling: `engine:tiny` for `tiny`, `gpt-5.2` for `openai:gpt-5.2`. */
  readonly id: string;
  /** The model's part of result file names. */
  readonly fileName: string;
}

/** What a `--model` means. */
export type ModelSpec =
  | (Named & { readonly provider: "openai"; readonly model: string })
  | (Named & { readonly provider: "vllm"; readonly model: string; readonly renderer: CompletionsRenderer })
  | (Named & { readonly provider: "tinker"; readonly baseModel: string })
  /** `source`: a folder, or `<owner>/<name>` on the hub. */
  | (Named & { readonly provider: "hf"; readonly source: string })
  /** `checkpoint`: `tiny`, or a path. */
  | (Named & { readonly provider: "engine"; readonly checkpoint: string });

/** Models with a name and a file name of their own: the paper's four, and the embedded default. */
const NAMED: Readonly<Record<string, ModelSpec>> = {
  "gpt-5.2": { provider: "openai", id: "gpt-5.2", fileName: "gpt52", model: "gpt-5.2" },
  "gpt-oss-20b": { provider: "tinker", id: "gpt-oss-20b", fileName: "gptoss20b", baseModel: "openai/gpt-oss-20b" },
  "olmo-3-7b-think": {
    provider: "vllm",
    id: "olmo-3-7b-think",
    fileName: "olmo3",
    model: "allenai/Olmo-3-7B-Think",
    renderer: "olmo",
  },
  "r1-distill-qwen-1.5b": {
    provider: "vllm",
    id: "r1-distill-qwen-1.5b",
    fileName: "r1qwen",
    model: "deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B",
    renderer: "r1",
  },
  tiny: { provider: "engine", id: "engine:tiny", fileName: "tiny", checkpoint: "tiny" },
};

/** What follows the colon, for messages. */
const PREFIXES = {
  openai: "a model id, such as openai:gpt-5-mini-2025-08-07",
  vllm: "the id that the server serves, such as vllm:Qwen/Qwen3-8B",
  tinker: "a base model, such as tinker:openai/gpt-oss-20b",
  hf: "a folder or a repository with an ONNX model, such as hf:onnx-community/Qwen3-0.6B-ONNX",
  engine: "a checkpoint: engine:tiny, or a path",
} as const;

/**
 * Reads a model id: a name (`gpt-5.2`, `gpt-oss-20b`, `olmo-3-7b-think`, `r1-distill-qwen-1.5b`, `tiny`) or `<provider>:<id>`.
 * A named model keeps its name, prompts and file name when it is written with its provider: `vllm:allenai/Olmo-3-7B-Think` is
 * `olmo-3-7b-think`.
 *
 * @throws UsageError for an unknown name or provider, with the nearest one, and for a provider without an id.
 */
export function parseModelId(id: string): ModelSpec {
  const colon = id.indexOf(":");
  if (colon < 0) {
    const named = Object.hasOwn(NAMED, id) ? NAMED[id] : undefined;
    if (named) return named;
    throw unknown(id, Object.keys(NAMED));
  }
  const [provider, rest] = [id.slice(0, colon), id.slice(colon + 1)];
  if (!isProvider(provider))
    throw unknown(
      id,
      Object.keys(PREFIXES).map((prefix) => `${prefix}:${rest}`),
    );
  if (rest.trim() === "") throw new UsageError(`--model ${provider}: needs ${PREFIXES[provider]}`);
  if (/\p{Cc}/u.test(rest)) throw new UsageError(`--model ${JSON.stringify(id)} holds control characters`);
  const spec = specOf(provider, rest, { id, fileName: modelFileName(provider, rest) });
  return Object.values(NAMED).find((named) => named.provider === provider && target(named) === rest) ?? spec;
}

function isProvider(text: string): text is ModelSpec["provider"] {
  return Object.hasOwn(PREFIXES, text);
}

function specOf(provider: ModelSpec["provider"], rest: string, named: Named): ModelSpec {
  switch (provider) {
    case "openai":
      return { provider, ...named, model: rest };
    case "vllm":
      return { provider, ...named, model: rest, renderer: "chat" };
    case "tinker":
      return { provider, ...named, baseModel: rest };
    case "hf":
      return { provider, ...named, source: rest };
    case "engine":
      return { provider, ...named, checkpoint: rest };
  }
}

/** What stands behind the prefix. */
function target(spec: ModelSpec): string {
  switch (spec.provider) {
    case "openai":
    case "vllm":
      return spec.model;
    case "tinker":
      return spec.baseModel;
    case "hf":
      return spec.source;
    case "engine":
      return spec.checkpoint;
  }
}

function unknown(id: string, candidates: readonly string[]): UsageError {
  const nearest = nearestName(id, candidates);
  const hint = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  const prefixes = Object.keys(PREFIXES).map((prefix) => `${prefix}:…`);
  return new UsageError(`unknown model "${id}"${hint} Known: ${[...Object.keys(NAMED), ...prefixes].join(", ")}`);
}
