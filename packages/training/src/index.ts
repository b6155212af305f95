export { ADAM } from "./adam.js";
export { type Checkpoint, checkpointName, FINAL, readCheckpoints } from "./checkpoint.js";
export { dataFingerprint } from "./data-fingerprint.js";
export {
  CheckpointGoneError,
  DivergedError,
  ResumeMismatchError,
  type RunDifference,
  RunFolderError,
} from "./errors.js";
export { EventFileSink } from "./event-file.js";
export { type AnsweredQuestion, findOverlap } from "./find-overlap.js";
export { readJsonLines } from "./json-lines.js";
export { formatMetrics, type Metrics, type MetricSink } from "./metrics.js";
export { numpyPermutation } from "./numpy-permutation.js";
export { pythonShuffle } from "./python-shuffle.js";
export { type JsonValue, type LogDirBehavior, openRunFolder, RunFolder, type RunFolderOptions } from "./run-folder.js";
export { saveCheckpoint } from "./save-checkpoint.js";
export { linearDecay } from "./schedules.js";
export { type TokenSpan, tokenSpans } from "./token-spans.js";
export { openTrainingClient, type TrainingService } from "./training-service.js";
export { WandbFileSink, type WandbOptions } from "./wandb-file.js";
