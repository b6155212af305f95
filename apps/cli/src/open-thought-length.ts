import { PkaError } from "@pka/core";
import { tokenizerFolder } from "@pka/models";
import { loadHarmonyTokenizer, loadHfTokenizer } from "@pka/renderers";
import { countCharacters, type ModelType } from "@pka/thinking-tokens";
import type { Environment } from "./environment.js";

/** Whose tokenizer counts where `--tokenizer` does not say. gpt-oss brings its own. */
const REPOSITORIES: Readonly<Record<Exclude<ModelType, "gpt-oss-20b">, string>> = {
  "olmo-3-7b-think": "allenai/Olmo-3-7B-Think",
  "r1-distill-qwen-1.5b": "deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B",
};

/** The tokenizer that would count is not to be had. */
class TokenizerUnavailableError extends PkaError {
  readonly code = "tokenizer_unavailable";
}

/**
 * How long a thought of a model is.
 *
 * @param tokenizer - `--tokenizer`; `false` counts characters, `undefined` takes the model's own.
 */
export async function openThoughtLength(
  modelType: ModelType,
  tokenizer: string | false | undefined,
  { hub, onnxCacheDir }: Environment,
): Promise<(thought: string) => number> {
  if (tokenizer === false) return countCharacters;
  if (tokenizer === undefined && modelType === "gpt-oss-20b") {
    const harmony = await loadHarmonyTokenizer();
    return (thought) => harmony.encode(thought).length;
  }
  const model = tokenizer ?? REPOSITORIES[modelType as keyof typeof REPOSITORIES];
  try {
    const folder = await tokenizerFolder(model, { ...hub, cacheDir: onnxCacheDir, hubCacheDir: hub.cacheDir });
    const loaded = await loadHfTokenizer(folder);
    return (thought) => loaded.encode(thought).length;
  } catch (error) {
    if (!PkaError.isInstance(error) || error.code === "usage") throw error;
    throw new TokenizerUnavailableError(
      `no tokenizer for ${modelType}: ${error.message}. Name its folder with --tokenizer, or count characters with --no-tokenizer`,
      { cause: error },
    );
  }
}
