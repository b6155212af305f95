import { PkaError } from "@pka/core";

/** A file that cannot be repaired as asked. Nothing was changed. */
export class RepairRefusedError extends PkaError {
  readonly code = "repair_refused";

  constructor(
    readonly path: string,
    why: string,
  ) {
    super(`${path}: ${why}`);
  }
}
