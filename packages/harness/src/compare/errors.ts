import { PkaError } from "@pka/core";

/** Two files cannot be compared: other questions, no verdict in common, nothing that pairs. */
export class NotComparableError extends PkaError {
  readonly code = "not_comparable";

  constructor(
    readonly first: string,
    readonly second: string,
    problem: string,
  ) {
    super(`${first} and ${second} cannot be compared: ${problem}`);
  }
}
