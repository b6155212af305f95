/** What the name of a result file says about the run. */
export interface RunName {
  readonly dataset: string;
  readonly model: string;
  readonly checkpoint: string | null;
  /** `null` = the name does not say. */
  readonly cues: boolean | null;
  readonly thinking: boolean | null;
}

const SUFFIX = /_(with|no)_cues(?:_(with|no)_thinking)?$/;
const EXTENSION = /\.(?:jsonl?)(?:\.gz)?$/i;

/**
 * Read `{dataset}_{model}[_{checkpoint}]_{with_cues|no_cues}[_{with_thinking|no_thinking}].json`, with or without `ex_` before it
 * and `.gz` behind. Of any other name the first part is the dataset and the rest the model.
 *
 * @param fileName - Without folders.
 * @example parseRunName("nq_gptoss20b_rl1240_no_cues_with_thinking.json")
 * // { dataset: "nq", model: "gptoss20b", checkpoint: "rl1240", cues: false, thinking: true }
 */
export function parseRunName(fileName: string): RunName {
  const stem = fileName.replace(EXTENSION, "").replace(/^ex_/, "");
  const suffix = SUFFIX.exec(stem);
  const [dataset = "", model = "", ...checkpoint] = (suffix === null ? stem : stem.slice(0, suffix.index)).split("_");
  if (suffix === null) {
    return { dataset, model: [model, ...checkpoint].join("_"), checkpoint: null, cues: null, thinking: null };
  }
  return {
    dataset,
    model,
    checkpoint: checkpoint.length === 0 ? null : checkpoint.join("_"),
    cues: suffix[1] === "with",
    thinking: suffix[2] === undefined ? null : suffix[2] === "with",
  };
}
