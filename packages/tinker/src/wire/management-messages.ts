import { z } from "zod";

/** A checkpoint, as lists and training runs show it. */
export const checkpointSchema = z.object({
  /** `weights/<name>` or `sampler_weights/<name>`. */
  checkpoint_id: z.string(),
  /** `training`, `sampler` or, of newer servers, `external`. */
  checkpoint_type: z.string(),
  /** RFC 3339, as all times here. */
  time: z.string(),
  tinker_path: z.string(),
  size_bytes: z.number().nullish(),
  public: z.boolean().default(false),
  expires_at: z.string().nullish(),
  base_model: z.string().nullish(),
  user_metadata: z.record(z.string(), z.string()).nullish(),
});
export type CheckpointJson = z.infer<typeof checkpointSchema>;

const cursorSchema = z.object({ offset: z.number().int(), limit: z.number().int(), total_count: z.number().int() });

/** `GET /checkpoints` and `GET /training_runs/{run}/checkpoints`. */
export const checkpointsResponseSchema = z.object({
  checkpoints: z.array(checkpointSchema),
  cursor: cursorSchema.nullish(),
});
export type CheckpointsResponse = z.infer<typeof checkpointsResponseSchema>;

/** `GET /training_runs/{run}`. */
export const trainingRunSchema = z.object({
  training_run_id: z.string(),
  base_model: z.string(),
  model_owner: z.string(),
  is_lora: z.boolean(),
  corrupted: z.boolean().default(false),
  lora_rank: z.number().int().nullish(),
  last_request_time: z.string(),
  last_checkpoint: checkpointSchema.nullish(),
  last_sampler_checkpoint: checkpointSchema.nullish(),
  user_metadata: z.record(z.string(), z.string()).nullish(),
});
export type TrainingRunJson = z.infer<typeof trainingRunSchema>;

/** `GET /training_runs`. */
export const trainingRunsResponseSchema = z.object({
  training_runs: z.array(trainingRunSchema),
  cursor: cursorSchema.nullish(),
});
export type TrainingRunsResponse = z.infer<typeof trainingRunsResponseSchema>;

/** `PUT …/ttl`. `null` = for ever. */
export const ttlRequestSchema = z.object({ ttl_seconds: z.number().int().nullable() });
export type TtlRequest = z.infer<typeof ttlRequestSchema>;

/** `GET …/archive`, where it is no redirect. */
export const archiveResponseSchema = z.object({ url: z.string().min(1), expires: z.string().nullish() });
export type ArchiveResponse = z.infer<typeof archiveResponseSchema>;

/** `GET /sessions`. */
export const sessionsResponseSchema = z.object({ sessions: z.array(z.string()) });
export type SessionsResponse = z.infer<typeof sessionsResponseSchema>;

/** `GET /sessions/{id}`. */
export const sessionResponseSchema = z.object({
  training_run_ids: z.array(z.string()),
  sampler_ids: z.array(z.string()),
  user_metadata: z.record(z.string(), z.string()).nullish(),
});
export type SessionResponse = z.infer<typeof sessionResponseSchema>;

/** `PUT /sessions/{id}/project`. */
export const sessionProjectRequestSchema = z.object({ project_id: z.string() });
export type SessionProjectRequest = z.infer<typeof sessionProjectRequestSchema>;

/** `GET /audit`. */
export const auditResponseSchema = z.object({
  entries: z.array(
    z.object({
      timestamp: z.string(),
      event: z.string(),
      event_details: z.record(z.string(), z.unknown()).nullish(),
      model_id: z.string().nullish(),
      tinker_path: z.string().nullish(),
      purpose: z.string().nullish(),
    }),
  ),
});
export type AuditResponse = z.infer<typeof auditResponseSchema>;

/** `GET /billing/usage/events`: hourly events, whose fields differ by kind. */
export const billingUsageResponseSchema = z.object({
  data: z.array(z.record(z.string(), z.unknown())),
  sessions: z.record(z.string(), z.unknown()).default({}),
  cost_data_through: z.string().nullish(),
});
export type BillingUsageResponse = z.infer<typeof billingUsageResponseSchema>;
