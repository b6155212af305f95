import type { CheckpointInfo } from "./rest-types.js";
import { type CheckpointKind, parseTinkerPath } from "./wire/tinker-path.js";

/** Which checkpoints are meant: all conditions that are given have to hold. */
export interface CheckpointFilter {
  readonly kind?: CheckpointKind | undefined;
  /** Saved earlier than this. */
  readonly before?: Date | undefined;
  /** Saved later than this. */
  readonly after?: Date | undefined;
}

/** The checkpoints that a filter keeps, in their order. */
export function selectCheckpoints(
  checkpoints: readonly CheckpointInfo[],
  { kind, before, after }: CheckpointFilter,
): CheckpointInfo[] {
  return checkpoints.filter(
    ({ tinkerPath, time }) =>
      (kind === undefined || parseTinkerPath(tinkerPath).kind === kind) &&
      (before === undefined || time < before) &&
      (after === undefined || time > after),
  );
}
