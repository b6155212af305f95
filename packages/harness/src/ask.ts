import { type Completion, type Example, type Model, ModelError, PkaError } from "@pka/core";
import { z } from "zod";
import { classifyOutcome } from "./classify-outcome.js";
import type { Condition } from "./condition.js";
import { drawSeed } from "./draw-seed.js";
import { type AttemptRecord, completionSchema, type RecordedCompletion, type RecordedError } from "./journal/record.js";
import { gradeCompletion } from "./verdict.js";

export interface AskOptions {
  readonly example: Example;
  readonly model: Model;
  readonly condition: Condition;
  readonly sample: number;
  /** Which attempt at this row it is, from 1. */
  readonly attempt: number;
  readonly signal: AbortSignal;
}

/**
 * Ask a model one question once, and grade what it says.
 *
 * @throws The abort reason when `signal` fired; a failure of the model is no exception but a record.
 */
export async function ask(options: AskOptions): Promise<{ readonly record: AttemptRecord; readonly isFatal: boolean }> {
  const { example, model, condition, sample, attempt, signal } = options;
  const { cues, thinking, sampling } = condition;
  const seed = condition.seed === null ? {} : { seed: drawSeed(condition.seed, example.id, sample) };
  const common = { type: "attempt", id: example.id, hash: example.hash, sample, attempt, ...seed } as const;
  const startedAt = new Date().toISOString();
  const start = performance.now();
  const timing = () => ({ startedAt, elapsedMs: Math.round((performance.now() - start) * 1000) / 1000 });
  try {
    const { task, question } = example;
    const completion = await model.generate({ task, question, cues, thinking, sampling, ...seed }, { signal });
    const elapsed = timing();
    const recorded = checkCompletion(completion);
    const extraction = model.extraction({ task, thinking });
    const verdict = gradeCompletion(example, recorded.text, extraction);
    const outcome = classifyOutcome(recorded, verdict, extraction);
    const graded = verdict === undefined ? {} : { verdict };
    return { record: { ...common, outcome, ...elapsed, completion: recorded, ...graded }, isFatal: false };
  } catch (error) {
    if (signal.aborted) throw error;
    return {
      record: { ...common, outcome: "error", ...timing(), error: recordError(error) },
      isFatal: isModelError(error) && error.isFatal,
    };
  }
}

function checkCompletion(completion: Completion): RecordedCompletion {
  const parsed = completionSchema.safeParse(present({ ...completion, usage: present(completion.usage) }));
  if (parsed.success) return parsed.data;
  throw new ModelError(`the model gave no valid completion: ${z.prettifyError(parsed.error)}`, { kind: "bad-reply" });
}

/** The keys that have a value: callers may compile without telling an absent key from `undefined`. */
function present(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function recordError(error: unknown): RecordedError {
  if (!isModelError(error)) {
    return { kind: "unexpected", message: error instanceof Error ? error.message : String(error), attempts: 1 };
  }
  const { kind, message, status, requestId, attempts } = error;
  return {
    kind,
    message,
    ...(status === undefined ? {} : { status }),
    ...(requestId === undefined ? {} : { requestId }),
    attempts,
  };
}

// Not instanceof: a model may have been built on another installed copy of @pka/core.
function isModelError(error: unknown): error is ModelError {
  return PkaError.isInstance(error) && error.code === "model_error";
}
