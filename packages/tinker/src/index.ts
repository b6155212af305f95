export { allPages } from "./all-pages.js";
export type { Clock } from "@pka/core";
export type { ConnectionOptions } from "./connection.js";
export type { CustomLoss, CustomLossValue } from "./custom-loss.js";
export { type Download, downloadCheckpoint, type DownloadOptions } from "./download-checkpoint.js";
export {
  TinkerError,
  TinkerInputError,
  TinkerRequestFailedError,
  TinkerResultLostError,
  TrainingInterruptedError,
} from "./errors.js";
export type { TinkerLossFn, TinkerLossFnConfig } from "./losses.js";
export { openSampler, type OpenSamplerOptions } from "./open-sampler.js";
export { TinkerRestClient } from "./rest-client.js";
export type {
  AccessScope,
  ArchiveUrl,
  CheckpointInfo,
  Page,
  PageOptions,
  TrainingRunInfo,
  WeightsInfo,
} from "./rest-types.js";
export {
  type SamplerInfo,
  type TinkerSampleRequest,
  type TinkerSampleResult,
  TinkerSamplingClient,
  type TinkerSequence,
} from "./sampling-client.js";
export { type CheckpointFilter, selectCheckpoints } from "./select-checkpoints.js";
export type { SessionOptions } from "./session.js";
export {
  type FromStateOptions,
  type LoraOptions,
  type SupportedModel,
  TinkerClient,
  type TinkerClientOptions,
} from "./tinker-client.js";
export type { TrainingDatum } from "./to-tinker-datum.js";
export type { Fetch } from "./transport.js";
export {
  type CallOptions,
  type LoadOptions,
  type ModelInfo,
  type SaveOptions,
  type TinkerForwardResult,
  TinkerTrainingClient,
} from "./training-client.js";
export type { TinkerDatum } from "./wire/datum.js";
export type { FailureCategory } from "./wire/future-messages.js";
export type { WholeNumbers } from "./wire/int64.js";
export { type Chunk, type ModelInput, modelInputOfTokens } from "./wire/model-input.js";
export type { TinkerSamplingParams } from "./wire/sample-request.js";
export type { Float32Tensor, Int64Tensor, Tensor } from "./wire/tensor.js";
export { type CheckpointKind, formatTinkerPath, parseTinkerPath, type TinkerPath } from "./wire/tinker-path.js";
export { type TopkLogprobs, topkRow } from "./wire/topk-logprobs.js";
export { WireFormatError } from "./wire/wire-format-error.js";
