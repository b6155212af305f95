import { z } from "zod";

/** What every slow call answers at once. */
export const futureResponseSchema = z.object({
  request_id: z.string().min(1),
  model_id: z.string().nullish(),
  /** Of `asample`: one name per requested sample. */
  sample_sequence_ids: z.array(z.string()).nullish(),
});
export type FutureResponse = z.infer<typeof futureResponseSchema>;

/** `POST /retrieve_future`. */
export const retrieveFutureRequestSchema = z.object({
  request_id: z.string(),
  allow_metadata_only: z.boolean().default(false),
});
export type RetrieveFutureRequest = z.infer<typeof retrieveFutureRequestSchema>;

/** Pending: 408, or 200 of some servers. */
export const tryAgainResponseSchema = z.object({
  type: z.literal("try_again"),
  request_id: z.string().nullish(),
  /** `active`, `paused_capacity`, `paused_rate_limit` or something newer. */
  queue_state: z.string().nullish(),
  queue_state_reason: z.string().nullish(),
});
export type TryAgainResponse = z.infer<typeof tryAgainResponseSchema>;

/** Done, and large: ask again without `allow_metadata_only`. */
export const completeMetadataResponseSchema = z.object({
  status: z.literal("complete_metadata"),
  response_payload_size: z.number().int().nullish(),
});
export type CompleteMetadataResponse = z.infer<typeof completeMetadataResponseSchema>;

/** Who has to do something about a failed request: `user` sent what cannot be done, `server` broke. */
export type FailureCategory = "user" | "server" | "unknown";

/** Failed for good, with status 200. */
export const requestFailedResponseSchema = z.object({
  error: z.string(),
  category: z.enum(["user", "server", "unknown"]).catch("unknown").default("unknown"),
});
export type RequestFailedResponse = z.infer<typeof requestFailedResponseSchema>;

/** `POST /cancel_future`. */
export const cancelFutureRequestSchema = z.object({ request_id: z.string() });
export type CancelFutureRequest = z.infer<typeof cancelFutureRequestSchema>;

/** The body of every 4xx and 5xx that the API itself answers. */
export const errorBodySchema = z.object({ detail: z.unknown() });
/** Body of an answer with a status of 400 and more. */
export type ErrorBody = { readonly detail: unknown };
