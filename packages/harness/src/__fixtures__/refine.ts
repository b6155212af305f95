import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Completion, type Model, ModelError } from "@pka/core";
import { refinePrompt } from "@pka/grading";
import type { RefineOptions } from "../refine/refine.js";
import { completion, modelOf } from "./run.js";
import { resultOf } from "./run-files.js";

/** The answers of a source, with `Paris` as the accepted one. */
export function writeSource(folder: string, extracted: readonly unknown[], name = "nq_x_no_cues.json"): string {
  const results = extracted.map((prediction, index) => ({
    question: `question ${index}`,
    ground_truth: ["Paris"],
    raw_prediction: `<answer>${String(prediction)}</answer>`,
    extracted_prediction: prediction,
    num_tokens: 5,
    exact_match: false,
    recall: false,
  }));
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify({ results, aggregate_metrics: {}, errors: [] }));
  return path;
}

const [BEFORE = "", AFTER = ""] = refinePrompt("\u0000").split("\u0000");

/** The answer in a prompt of the judge. */
function answerIn(prompt: string): string {
  return prompt.slice(BEFORE.length, prompt.length - AFTER.length);
}

/** A judge that answers by a function of the answer, and keeps the answers it was asked about. */
export function judgeOf(
  reply: (extracted: string) => Partial<Completion> | string | Promise<string>,
  more: Partial<Model> = {},
): Model & { readonly asked: string[] } {
  const asked: string[] = [];
  const model = modelOf(async ({ question }) => {
    const extracted = answerIn(question);
    asked.push(extracted);
    const replied = await reply(extracted);
    return typeof replied === "string" ? completion(replied) : completion("", replied);
  }, more);
  return { ...model, asked };
}

/** What a judge does that cannot answer. */
export function failing(): never {
  throw new ModelError("the server is tired", { kind: "overloaded", status: 503, attempts: 3 });
}

export function refineOptions(sourcePath: string, model: Model, more: Partial<RefineOptions> = {}): RefineOptions {
  return { sourcePath, model, thinking: true, sampling: { temperature: 0.6, topP: 0.95 }, ...more };
}

/** The rows of the file that a refinement left. */
export function refinedRows(report: { readonly resultPath: string }): Record<string, unknown>[] {
  return resultOf(report).results;
}
