import type { CheckpointJson, TrainingRunJson } from "./wire/management-messages.js";

/** A saved state, or saved weights. */
export interface CheckpointInfo {
  /** `weights/<name>` or `sampler_weights/<name>` */
  readonly checkpointId: string;
  /** `training`, `sampler` or something newer. */
  readonly checkpointType: string;
  readonly time: Date;
  readonly tinkerPath: string;
  readonly sizeBytes: number | undefined;
  /** Anybody may load it. */
  readonly isPublic: boolean;
  readonly expiresAt: Date | undefined;
}

/** A model that was trained. */
export interface TrainingRunInfo {
  readonly trainingRunId: string;
  readonly baseModel: string;
  readonly modelOwner: string;
  readonly isLora: boolean;
  readonly loraRank: number | undefined;
  /** It failed, and cannot be trained on. */
  readonly isCorrupted: boolean;
  readonly lastRequestTime: Date;
  readonly lastCheckpoint: CheckpointInfo | undefined;
  readonly lastSamplerCheckpoint: CheckpointInfo | undefined;
  readonly userMetadata: Readonly<Record<string, string>>;
}

/** Some of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Of the whole list, where the service says. */
  readonly totalCount: number | undefined;
}

/** Which part of a list: `limit` items from `offset` on. */
export interface PageOptions {
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

/** What one owns, or also what others have published. */
export type AccessScope = "owned" | "accessible";

/** What a checkpoint was trained from. */
export interface WeightsInfo {
  readonly baseModel: string;
  readonly isLora: boolean;
  readonly loraRank: number | undefined;
  readonly trainMlp: boolean;
  readonly trainAttn: boolean;
  readonly trainUnembed: boolean;
}

/** Where a checkpoint's archive lies: a tar file, for whoever has the URL. */
export interface ArchiveUrl {
  readonly url: string;
  readonly expires: Date | undefined;
}

export function toCheckpoint(json: CheckpointJson): CheckpointInfo {
  return {
    checkpointId: json.checkpoint_id,
    checkpointType: json.checkpoint_type,
    time: new Date(json.time),
    tinkerPath: json.tinker_path,
    sizeBytes: json.size_bytes ?? undefined,
    isPublic: json.public,
    expiresAt: json.expires_at ? new Date(json.expires_at) : undefined,
  };
}

export function toTrainingRun(json: TrainingRunJson): TrainingRunInfo {
  return {
    trainingRunId: json.training_run_id,
    baseModel: json.base_model,
    modelOwner: json.model_owner,
    isLora: json.is_lora,
    loraRank: json.lora_rank ?? undefined,
    isCorrupted: json.corrupted,
    lastRequestTime: new Date(json.last_request_time),
    lastCheckpoint: json.last_checkpoint ? toCheckpoint(json.last_checkpoint) : undefined,
    lastSamplerCheckpoint: json.last_sampler_checkpoint ? toCheckpoint(json.last_sampler_checkpoint) : undefined,
    userMetadata: json.user_metadata ?? {},
  };
}
