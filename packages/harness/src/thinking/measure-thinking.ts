import { PkaError } from "@pka/core";
import { type ContrastOptions, detectModelType, type ModelType } from "@pka/thinking-tokens";
import { findRefined, listResultFiles } from "./list-result-files.js";
import { type FileThinking, measureFile } from "./measure-file.js";

/** Options of `measureThinking`. */
export interface MeasureThinkingOptions extends ContrastOptions {
  /** Default: what the name of each file tells. */
  readonly modelType?: ModelType | undefined;
  /** How long a thought of that model is. Called once for each model type that occurs, when the first file of it is due. */
  readonly openLength: (modelType: ModelType) => Promise<(thought: string) => number>;
}

/** What became of one file. */
export type ThinkingReport =
  | ({ readonly type: "measured"; readonly modelType: ModelType; readonly refinedPath: string | null } & FileThinking &
      FileKey)
  | ({ readonly type: "skipped"; readonly reason: string } & FileKey)
  | ({ readonly type: "failed"; readonly error: PkaError } & FileKey);

interface FileKey {
  /** The file's name, or its path below the folder that was given. */
  readonly key: string;
  readonly path: string;
}

/**
 * Measures the thinking in a result file, or in every one below a folder, pairing each with the refined answers beside it.
 * A file that cannot be read, or whose model's `openLength` fails, does not keep the others from being measured.
 *
 * @throws UsageError when there is nothing to measure, or from `openLength`.
 */
export async function* measureThinking(input: string, options: MeasureThinkingOptions): AsyncGenerator<ThinkingReport> {
  const { openLength, ...contrast } = options;
  const lengths = new Map<ModelType, Promise<(thought: string) => number>>();
  for (const file of await listResultFiles(input)) {
    const modelType = options.modelType ?? detectModelType(file.key);
    if (modelType === undefined) {
      yield { type: "skipped", ...file, reason: reasonOf(file.key) };
      continue;
    }
    try {
      const opening = lengths.get(modelType) ?? openLength(modelType);
      lengths.set(modelType, opening);
      const lengthOf = await opening;
      const refinedPath = await findRefined(file.path);
      const measured = await measureFile(file.path, { ...contrast, modelType, lengthOf, refinedPath });
      yield measured.averages.totalSamples === 0
        ? { type: "skipped", ...file, reason: "it has no rows under results" }
        : { type: "measured", ...file, modelType, refinedPath: refinedPath ?? null, ...measured };
    } catch (error) {
      if (!PkaError.isInstance(error) || error.code === "usage") throw error;
      yield { type: "failed", ...file, error };
    }
  }
}

function reasonOf(key: string): string {
  if (/gpt-?5/i.test(key.split("/").at(-1) ?? "")) return "gpt-5.2 does not show its thinking";
  return "its name does not tell the model: give --model-type";
}
