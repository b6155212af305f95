import { messageOf, PkaError } from "@pka/core";

/** The folder of a training run cannot be used as asked. Nothing in it was changed. */
export class RunFolderError extends PkaError {
  readonly code = "run_folder";

  constructor(
    readonly path: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`${path}: ${problem}`, options);
  }
}

/** One thing that differs between what a run was started with and what is asked for now. */
export interface RunDifference {
  /** Such as `learning_rate` or `data.sha256`. */
  readonly field: string;
  readonly recorded: string;
  readonly asked: string;
}

/** A run was started with another configuration or other data. Nothing in its folder was changed. */
export class ResumeMismatchError extends PkaError {
  readonly code = "resume_mismatch";

  constructor(
    /** The run folder. */
    readonly path: string,
    readonly differences: readonly RunDifference[],
  ) {
    const list = differences.map(({ field, recorded, asked }) => `${field} was ${recorded} and is ${asked}`).join("; ");
    super(
      `${path} holds a run of another configuration: ${list}. Ask for what it was started with, or give another log_path ` +
        `(behavior_if_log_dir_exists=delete throws the old run away)`,
    );
  }
}

/** The checkpoint from which a run would go on cannot be loaded. */
export class CheckpointGoneError extends PkaError {
  readonly code = "checkpoint_gone";

  constructor(
    readonly statePath: string,
    /** The file that names the checkpoint. */
    readonly file: string,
    cause: unknown,
  ) {
    const why = messageOf(cause);
    super(
      `the checkpoint ${statePath} cannot be loaded: ${why}. ${file} names it on its last line: where it is gone for good, delete that ` +
        `line to go on from the checkpoint before it`,
      { cause },
    );
  }
}

/** The service gave a loss or a logprob that is no finite number. The last checkpoint is unharmed. */
export class DivergedError extends PkaError {
  readonly code = "training_diverged";

  constructor(
    readonly step: number,
    what: string,
  ) {
    super(
      `step ${step}: ${what}. The run stops here; the same command goes on from its last checkpoint. A lower learning rate may help`,
    );
  }
}
