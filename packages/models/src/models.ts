import type { ModelSpec } from "./model-id.js";

/** One line of `pka models`. */
export interface ModelInfo {
  /** What `--model` takes. */
  readonly name: string;
  readonly provider: ModelSpec["provider"];
  /** Thinking modes it can be asked in; a local server decides by what it is. */
  readonly thinkingModes: readonly boolean[];
  /** The key, variable, server or package without which it does not answer. */
  readonly needs: string;
}

const BOTH = [true, false];
const VLLM = "an OpenAI-compatible server (--base-url or VLLM_BASE_URL)";

/** Every model that can be asked by name, and every provider. */
export const MODELS: readonly ModelInfo[] = [
  { name: "tiny", provider: "engine", thinkingModes: BOTH, needs: "nothing" },
  { name: "gpt-5.2", provider: "openai", thinkingModes: [true], needs: "OPENAI_API_KEY" },
  { name: "gpt-oss-20b", provider: "tinker", thinkingModes: BOTH, needs: "TINKER_API_KEY" },
  { name: "olmo-3-7b-think", provider: "vllm", thinkingModes: BOTH, needs: `${VLLM} with allenai/Olmo-3-7B-Think` },
  {
    name: "r1-distill-qwen-1.5b",
    provider: "vllm",
    thinkingModes: BOTH,
    needs: `${VLLM} with deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B`,
  },
  { name: "openai:<id>", provider: "openai", thinkingModes: [true], needs: "OPENAI_API_KEY" },
  { name: "vllm:<id>", provider: "vllm", thinkingModes: BOTH, needs: VLLM },
  { name: "hf:<repo or folder>", provider: "hf", thinkingModes: BOTH, needs: "the package @huggingface/transformers" },
  { name: "engine:<checkpoint>", provider: "engine", thinkingModes: BOTH, needs: "nothing" },
  {
    name: "tinker:<base model>",
    provider: "tinker",
    thinkingModes: BOTH,
    needs: "TINKER_API_KEY",
  },
];
