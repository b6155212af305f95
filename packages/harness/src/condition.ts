import { createHash } from "node:crypto";
import type { Model, Sampling } from "@pka/core";
import { z } from "zod";
import type { ResumeDifference } from "./errors.js";

/** Raised when a verdict or an outcome of the same completion changes, so that one file never mixes two gradings. */
const GRADING = 1;

/** All that decides what a model is asked and how its answer is graded, the choice of rows aside. */
export interface Condition {
  readonly dataset: string;
  readonly split: string;
  readonly model: string;
  readonly cues: boolean;
  readonly thinking: boolean;
  readonly sampling: Sampling;
  /** `null` = the provider draws as it likes. */
  readonly seed: number | null;
  readonly checkpoint: { readonly uri: string; readonly name: string } | null;
  /** `Model.settings`: prompt version, limits and whatever else the model says decides its prompts. */
  readonly settings: Model["settings"];
  readonly grading: number;
}

/** All that decides what a judge is asked when it refines answers. How its answers are graded is no part: they are graded anew for every file. */
export interface RefineCondition {
  /** `Model.id` of the judge. */
  readonly judge: string;
  readonly thinking: boolean;
  readonly sampling: Sampling;
  /** `Model.settings` of the judge. */
  readonly settings: Model["settings"];
  /** Version of the prompt around the answer. */
  readonly refinePrompt: string;
  /** Equal answers are asked once. */
  readonly reuse: boolean;
}

/** The condition of any run that has a journal. */
export type RunCondition = Condition | RefineCondition;

const howAsked = {
  thinking: z.boolean(),
  sampling: z.object({ temperature: z.number(), topP: z.number() }),
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
};

export const conditionSchema = z.union([
  z.object({
    dataset: z.string(),
    split: z.string(),
    model: z.string(),
    cues: z.boolean(),
    seed: z.number().nullable(),
    checkpoint: z.object({ uri: z.string(), name: z.string() }).nullable(),
    grading: z.number(),
    ...howAsked,
  }),
  z.object({ judge: z.string(), refinePrompt: z.string(), reuse: z.boolean(), ...howAsked }),
]);

/** The condition of one evaluation. */
export function conditionOf(options: {
  readonly dataset: { readonly name: string; readonly split: string };
  readonly model: Model;
  readonly cues: boolean;
  readonly thinking: boolean;
  readonly sampling: Sampling;
  readonly seed?: number | undefined;
  readonly checkpoint?: { readonly uri: string; readonly name: string } | undefined;
}): Condition {
  const { dataset, model, cues, thinking, sampling, seed, checkpoint } = options;
  return {
    dataset: dataset.name,
    split: dataset.split,
    model: model.id,
    cues,
    thinking,
    sampling: { temperature: sampling.temperature, topP: sampling.topP },
    seed: seed ?? null,
    checkpoint: checkpoint === undefined ? null : { uri: checkpoint.uri, name: checkpoint.name },
    settings: model.settings,
    grading: GRADING,
  };
}

/** First 16 hex digits of the sha256 of the condition's fields in alphabetical order: the name of the condition. */
export function conditionHash(condition: RunCondition): string {
  const fields = [...flatten(condition)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(fields)).digest("hex").slice(0, 16);
}

/** Every field in which two conditions differ, by its dotted name. */
export function conditionDifferences(recorded: RunCondition, requested: RunCondition): ResumeDifference[] {
  const before = new Map(flatten(recorded));
  const now = new Map(flatten(requested));
  return [...new Set([...before.keys(), ...now.keys()])]
    .map((field) => ({ field, recorded: before.get(field) ?? "absent", requested: now.get(field) ?? "absent" }))
    .filter((difference) => difference.recorded !== difference.requested);
}

function* flatten(value: object, prefix = ""): Generator<[field: string, json: string]> {
  for (const [key, item] of Object.entries(value)) {
    if (typeof item === "object" && item !== null) yield* flatten(item, `${prefix}${key}.`);
    else yield [prefix + key, JSON.stringify(item)];
  }
}
