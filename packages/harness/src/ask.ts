import { type Ask, type Completion, type Model, ModelError, type Outcome, PkaError } from "@pka/core";
import { z } from "zod";
import type { Attempt } from "./ask-rows.js";
import { type AttemptRecord, completionSchema, type RecordedCompletion, type RecordedError } from "./journal/record.js";
import type { Verdict } from "./verdict.js";

export interface AskOptions {
  readonly model: Model;
  readonly request: Ask;
  /** Where the attempt belongs. */
  readonly row: Pick<AttemptRecord, "id" | "hash" | "sample" | "attempt">;
  /** What became of the row, from what the model said. */
  readonly judge: (completion: RecordedCompletion) => {
    readonly outcome: Exclude<Outcome, "error">;
    readonly verdict?: Verdict | undefined;
  };
  readonly signal: AbortSignal;
}

/**
 * Ask a model once, and judge what it says.
 *
 * @throws The abort reason when `signal` fired; a failure of the model is no exception but a record.
 */
export async function ask({ model, request, row, judge, signal }: AskOptions): Promise<Attempt> {
  const seed = request.seed === undefined ? {} : { seed: request.seed };
  const common = { type: "attempt", ...row, ...seed } as const;
  const startedAt = new Date().toISOString();
  const start = performance.now();
  const timing = () => ({ startedAt, elapsedMs: Math.round((performance.now() - start) * 1000) / 1000 });
  try {
    const completion = await model.generate(request, { signal });
    const elapsed = timing();
    const recorded = checkCompletion(completion);
    const { outcome, verdict } = judge(recorded);
    const graded = verdict === undefined ? {} : { verdict };
    return { record: { ...common, outcome, ...elapsed, completion: recorded, ...graded }, isFatal: false };
  } catch (error) {
    if (signal.aborted) throw error;
    return {
      record: { ...common, outcome: "error", ...timing(), error: recordError(error, model) },
      isFatal: isModelError(error) && error.isFatal,
    };
  }
}

function checkCompletion(completion: Completion): RecordedCompletion {
  const asItIs = completionSchema.safeParse(completion);
  if (asItIs.success) return asItIs.data;
  const parsed = completionSchema.safeParse(present({ ...completion, usage: present(completion.usage) }));
  if (parsed.success) return parsed.data;
  throw new ModelError(`the model gave no valid completion: ${z.prettifyError(parsed.error)}`, { kind: "bad-reply" });
}

/** The keys that have a value: callers may compile without telling an absent key from `undefined`. */
function present(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function recordError(error: unknown, { isLocal = false }: Model): RecordedError {
  if (!isModelError(error)) {
    return { kind: "unexpected", message: error instanceof Error ? error.message : String(error), attempts: 1 };
  }
  const { kind, message, status, requestId, attempts, possiblyBilled } = error;
  return {
    kind,
    message,
    ...(status === undefined ? {} : { status }),
    ...(requestId === undefined ? {} : { requestId }),
    attempts,
    // An error of another installed copy may be older than the field.
    ...(possiblyBilled > 0 && !isLocal && { possiblyBilled }),
  };
}

// Not instanceof: a model may have been built on another installed copy of @pka/core.
function isModelError(error: unknown): error is ModelError {
  return PkaError.isInstance(error) && error.code === "model_error";
}
