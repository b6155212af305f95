import { PkaError } from "@pka/core";

/** A call's data does not fit the model: an unknown token id, arrays of different lengths, a weight that is not a number, too long a sequence. */
export class EngineInputError extends PkaError {
  readonly code = "engine_input";
}

/** The model, its activations or its cache do not fit into the engine's memory of 2 GiB. */
export class EngineMemoryError extends PkaError {
  readonly code = "engine_memory";
}

/** The engine was closed, or its worker thread ended. */
export class EngineClosedError extends PkaError {
  readonly code = "engine_closed";
}

/** A checkpoint file is damaged, or of another model than the one it is loaded into. */
export class CheckpointError extends PkaError {
  readonly code = "checkpoint_invalid";

  constructor(
    readonly file: string,
    /** The part of the file that is wrong: a tensor's name, a metadata key, "header". */
    readonly field: string,
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super(`${file}: ${field}: ${problem}`, options);
  }
}
