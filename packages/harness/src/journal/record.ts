import { type Completion, type ModelErrorKind, OUTCOMES, type Outcome } from "@pka/core";
import { z } from "zod";
import { conditionSchema, type RunCondition } from "../condition.js";
import type { Verdict } from "../verdict.js";

/** Raised when an older reader could no longer understand a journal. */
export const JOURNAL_FORMAT = 1;

/** Where the rows came from, as the dataset reports it. */
export interface Fingerprint {
  readonly source: string;
  readonly revision: string | null;
  /** Over the content of the rows. */
  readonly sha256: string;
  /** Of the split, whatever part of it is asked. */
  readonly numRows: number;
}

/** Which rows a call asked for: consecutive ones of the dataset, from `first` on. */
export interface Selection {
  /** Id of the first item. */
  readonly first: string;
  readonly items: number;
  /** Draws per item. */
  readonly samples: number;
}

interface RunStart {
  readonly fingerprint: Fingerprint;
  /** Absent in older journals. */
  readonly selection?: Selection;
  /** Package versions, git commit and whatever else the caller knows of its origin. */
  readonly provenance: Readonly<Record<string, string | null>>;
  /** Wall clock, ISO 8601; for display only. */
  readonly startedAt: string;
}

/** The first line of a journal. */
export interface HeaderRecord extends RunStart {
  readonly type: "header";
  readonly format: number;
  readonly condition: RunCondition;
  readonly conditionHash: string;
}

/** Stands where a later process went on with the run. */
export interface RunRecord extends RunStart {
  readonly type: "run";
  /** It asked rows again that had one of these outcomes, and nothing else. */
  readonly retry?: readonly Outcome[];
}

/** A completion as recorded. */
export type RecordedCompletion = Omit<Completion, "text" | "logprobs"> & {
  /** `null` when a model broke its contract and gave none. */
  readonly text: string | null;
  /** `null` stands for −∞, which JSON does not have. */
  readonly logprobs?: readonly (number | null)[];
};

/** Why no completion could be had. */
export interface RecordedError {
  /** `unexpected` = not a `ModelError`: a fault in the model's own code. */
  readonly kind: ModelErrorKind | "unexpected";
  readonly message: string;
  readonly status?: number;
  readonly requestId?: string;
  /** Requests made before giving up. */
  readonly attempts: number;
  /** The part of `attempts` that may have been carried out, and charged, all the same. Absent = none. */
  readonly possiblyBilled?: number;
}

/** A row is about to be asked. Its end is the next attempt at the same row; without one nobody knows what became of it. */
export interface StartRecord {
  readonly type: "start";
  /** `id` of the row. */
  readonly row: string;
  readonly sample: number;
}

/** One finished attempt at one row: a completion with its verdict, or an error. */
export interface AttemptRecord {
  readonly type: "attempt";
  /** `Example.id`. */
  readonly id: string;
  /** `Example.hash`. */
  readonly hash: string;
  /** Which draw of the question, from 0. */
  readonly sample: number;
  /** 1 for the first time this row was asked, 2 for the second, … */
  readonly attempt: number;
  /** `Ask.seed`. */
  readonly seed?: number;
  readonly outcome: Outcome;
  /** Wall clock, ISO 8601; for display only. */
  readonly startedAt: string;
  /** Milliseconds from asking to answer, on a clock that never jumps. */
  readonly elapsedMs: number;
  readonly completion?: RecordedCompletion;
  /** Absent when there was nothing to grade. */
  readonly verdict?: Verdict;
  readonly error?: RecordedError;
}

/** One line of a journal. */
export type JournalRecord = HeaderRecord | RunRecord | StartRecord | AttemptRecord;

const count = z.number().nonnegative();

const MODEL_ERROR_KINDS = [
  "auth",
  "not-found",
  "invalid-request",
  "quota",
  "rate-limit",
  "overloaded",
  "connection",
  "timeout",
  "bad-reply",
] as const satisfies readonly ModelErrorKind[];

/** A completion as any model may hand it over; unknown keys are dropped. */
export const completionSchema = z.object({
  text: z.string().nullable(),
  thinking: z.string().exactOptional(),
  answer: z.string().exactOptional(),
  finishReason: z.enum(["stop", "length", "refusal"]),
  usage: z.object({
    promptTokens: count.exactOptional(),
    cachedPromptTokens: count.exactOptional(),
    completionTokens: count.exactOptional(),
    reasoningTokens: count.exactOptional(),
    totalTokens: count.exactOptional(),
  }),
  numTokens: count,
  tokens: z.array(z.number()).exactOptional(),
  logprobs: z.array(z.custom<number | null>((item) => typeof item === "number" || item === null)).exactOptional(),
  providerModel: z.string().exactOptional(),
  requestId: z.string().exactOptional(),
  attempts: z.number(),
  possiblyBilled: count.exactOptional(),
});

const runStart = {
  fingerprint: z.object({
    source: z.string(),
    revision: z.string().nullable(),
    sha256: z.string(),
    numRows: z.number(),
  }),
  selection: z.object({ first: z.string(), items: z.int().positive(), samples: z.int().positive() }).exactOptional(),
  provenance: z.record(z.string(), z.string().nullable()),
  startedAt: z.string(),
};

const verdictSchema = z.discriminatedUnion("task", [
  z.object({ task: z.literal("qa"), extractedPrediction: z.string(), exactMatch: z.boolean(), recall: z.boolean() }),
  z.object({
    task: z.literal("math"),
    extractedPrediction: z.string().nullable(),
    extractedGold: z.string().nullable(),
    correct: z.boolean(),
    extractionErrors: z.array(z.string()),
    verification: z
      .object({ verdict: z.enum(["equivalent", "different", "undecided"]), reason: z.string() })
      .exactOptional(),
  }),
]);

const recordSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("header"),
    format: z.number(),
    condition: conditionSchema,
    conditionHash: z.string(),
    ...runStart,
  }),
  z.object({ type: z.literal("run"), retry: z.array(z.enum(OUTCOMES)).exactOptional(), ...runStart }),
  z.object({ type: z.literal("start"), row: z.string(), sample: z.int().nonnegative() }),
  z.object({
    type: z.literal("attempt"),
    id: z.string(),
    hash: z.string(),
    sample: z.int().nonnegative(),
    attempt: z.int().positive(),
    seed: z.number().exactOptional(),
    outcome: z.enum(OUTCOMES),
    startedAt: z.string(),
    elapsedMs: z.number(),
    completion: completionSchema.exactOptional(),
    verdict: verdictSchema.exactOptional(),
    error: z
      .object({
        kind: z.enum([...MODEL_ERROR_KINDS, "unexpected"]),
        message: z.string(),
        status: z.number().exactOptional(),
        requestId: z.string().exactOptional(),
        attempts: z.number(),
        possiblyBilled: count.exactOptional(),
      })
      .exactOptional(),
  }),
]);

/** A decoded line as a record, or what is wrong with it in words. */
export function parseRecord(value: unknown): JournalRecord | string {
  const parsed = recordSchema.safeParse(value);
  return parsed.success ? parsed.data : z.prettifyError(parsed.error);
}
