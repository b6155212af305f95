import { PkaError } from "@pka/core";

/** A file does not hold what graders need: what the model wrote, and what is right. */
export class NotGradableError extends PkaError {
  readonly code = "not_gradable";

  constructor(
    readonly path: string,
    problem: string,
  ) {
    super(`${path} cannot be graded: ${problem}`);
  }
}
