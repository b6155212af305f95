import { nearestName, UsageError } from "@pka/core";

/** A model of the paper whose completions show their thinking. */
export type ModelType = "gpt-oss-20b" | "olmo-3-7b-think" | "r1-distill-qwen-1.5b";

/** Every spelling of `--model-type`, in the paper's script and as models are called elsewhere. */
const SPELLINGS: Readonly<Record<string, ModelType>> = {
  "gpt-oss-20b": "gpt-oss-20b",
  "olmo-3-7b-think": "olmo-3-7b-think",
  olmo: "olmo-3-7b-think",
  "r1-distill-qwen-1.5b": "r1-distill-qwen-1.5b",
  "r1-qwen": "r1-distill-qwen-1.5b",
};

/** @throws UsageError for a name that is none, with the nearest one. */
export function parseModelType(name: string): ModelType {
  const modelType = Object.hasOwn(SPELLINGS, name) ? SPELLINGS[name] : undefined;
  if (modelType !== undefined) return modelType;
  const known = Object.keys(SPELLINGS);
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? "" : ` Did you mean ${nearest}?`;
  throw new UsageError(`unknown model type "${name}" (known: ${known.join(", ")}).${hint}`);
}

/**
 * The model type that the name of a result file tells, as the paper's script reads it: `gptoss` or `gpt-oss`, then `olmo`, then
 * `r1qwen`, in any case, anywhere in the file's own name. Folders do not count.
 *
 * @returns `undefined` for all other names, such as those of gpt-5.2, whose thinking is not in its completions.
 */
export function detectModelType(path: string): ModelType | undefined {
  const name = (path.split(/[/\\]/).at(-1) ?? "").toLowerCase();
  if (name.includes("gptoss") || name.includes("gpt-oss")) return "gpt-oss-20b";
  if (name.includes("olmo")) return "olmo-3-7b-think";
  if (name.includes("r1qwen")) return "r1-distill-qwen-1.5b";
  return undefined;
}
