import { createHash } from "node:crypto";
import type { Model } from "@pka/core";

/**
 * The name that the paper's scripts give to the result file of one evaluation:
 * `{dataset}_{model}[_{checkpoint}]_{with_cues|no_cues}[_{with_thinking|no_thinking}].json`.
 * A model that always thinks has no thinking suffix.
 *
 * A part that is no safe file name (`../x`, 300 characters, a control character) is reduced to its safe characters and the start
 * of its sha256, so that it stays inside the folder and two such parts stay two files.
 *
 * @example resultFileName({ dataset: "nq", model, cues: false, thinking: true }) // "nq_gptoss20b_no_cues_with_thinking.json"
 */
export function resultFileName(options: {
  readonly dataset: string;
  readonly model: Pick<Model, "fileName" | "thinkingModes">;
  readonly checkpointName?: string | undefined;
  readonly cues: boolean;
  readonly thinking: boolean;
}): string {
  const { dataset, model, checkpointName, cues, thinking } = options;
  const alwaysThinks = model.thinkingModes.every((mode) => mode);
  const parts = [
    safePart(dataset),
    safePart(model.fileName),
    ...(checkpointName === undefined ? [] : [safePart(checkpointName)]),
    cues ? "with_cues" : "no_cues",
    ...(alwaysThinks ? [] : [thinking ? "with_thinking" : "no_thinking"]),
  ];
  return `${parts.join("_")}.json`;
}

/** To Windows `CON.json` is the console, whatever stands behind the dot. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)\./i;

function safePart(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/.test(name) && !DEVICE.test(name)) return name;
  const slug = name
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[._-]+/, "")
    .replace(DEVICE, "$1-");
  return `${slug.slice(0, 48)}-${createHash("sha256").update(name).digest("hex").slice(0, 8)}`;
}
