import type { ClientConfigResponse } from "./wire/session-messages.js";

/** What the service wants of its clients, with the defaults for what it does not say. */
export interface ClientConfig {
  readonly exchangesKey: boolean;
  /** The chunks of one call may be sent all at once. */
  readonly parallelChunks: boolean;
  readonly compresses: boolean;
  readonly maxChunkLength: number;
  readonly maxChunkBytes: number;
  readonly maxTrainingBytesInFlight: number;
  readonly maxPromptBytesInFlight: number;
  readonly maxReplyBytesInFlight: number;
  readonly maxSamplesInFlight: number;
  readonly retriesSamples: boolean;
  readonly maxBillingPauseSeconds: number;
  readonly createsModelByLoading: boolean;
}

export function readClientConfig(json: ClientConfigResponse): ClientConfig {
  return {
    exchangesKey: json.pjwt_auth_enabled ?? false,
    // One after another is right with every server, so it takes a server that says otherwise.
    parallelChunks: json.parallel_fwdbwd_chunks ?? false,
    compresses: json.proto_compress_fwdbwd ?? false,
    maxChunkLength: json.fwdbwd_max_chunk_len ?? 1024,
    maxChunkBytes: json.fwdbwd_max_chunk_bytes_count ?? 5_000_000,
    maxTrainingBytesInFlight: json.fwdbwd_dispatch_bytes_semaphore_size ?? 50_000_000,
    maxPromptBytesInFlight: json.sample_dispatch_bytes_semaphore_size ?? 10 * 1024 ** 2,
    maxReplyBytesInFlight: json.inflight_response_bytes_semaphore_size ?? 50 * 1024 ** 2,
    maxSamplesInFlight: json.sample_max_concurrent_requests ?? 2000,
    retriesSamples: !(json.sample_no_retries ?? false),
    maxBillingPauseSeconds: json.billing_exception_max_pause_duration_sec ?? 3600,
    createsModelByLoading: json.create_model_via_load_weights ?? false,
  };
}
