import { z } from "zod";

// What the server keeps on disk, beside the weights. Times are milliseconds since the epoch.

const metadataSchema = z.record(z.string(), z.unknown());

const samplerSchema = z.object({
  number: z.number().int(),
  baseModel: z.string(),
  /** The checkpoint it was opened from; of the base model's own weights, `null`. */
  modelPath: z.string().nullable(),
});

export const sessionSchema = z.object({
  id: z.string(),
  createdAt: z.number(),
  userMetadata: metadataSchema,
  projectId: z.string().nullable(),
  /** Those that can be opened again; samplers of weights that were never saved are not among them. */
  samplers: z.array(samplerSchema),
  finished: z.object({ reason: z.string(), detail: z.string().nullable(), at: z.number() }).nullable(),
});
export type SessionRecord = z.infer<typeof sessionSchema>;

export const runSchema = z.object({
  id: z.string(),
  sessionId: z.string(),
  number: z.number().int(),
  baseModel: z.string(),
  loraRank: z.number().int(),
  trainAttn: z.boolean(),
  trainMlp: z.boolean(),
  userMetadata: metadataSchema,
  createdAt: z.number(),
  lastRequestAt: z.number(),
});
export type RunRecord = z.infer<typeof runSchema>;

export const checkpointSchema = z.object({
  name: z.string(),
  createdAt: z.number(),
  sizeBytes: z.number(),
  isPublic: z.boolean(),
  expiresAt: z.number().nullable(),
  userMetadata: metadataSchema,
});

/** A saved checkpoint; `kind` `weights` holds the optimizer's state too. */
export interface CheckpointRecord extends z.infer<typeof checkpointSchema> {
  readonly runId: string;
  readonly kind: "weights" | "sampler_weights";
}
