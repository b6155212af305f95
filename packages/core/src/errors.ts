const marker: unique symbol = Symbol.for("pka.error");

/**
 * Base of every error that PKA throws on purpose.
 * `PkaError.isInstance` works across installed copies of the package, where `instanceof` does not.
 */
export abstract class PkaError extends Error {
  readonly [marker] = true;
  /** Stable and safe to switch on; messages may be reworded in any release. */
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }

  static isInstance(error: unknown): error is PkaError {
    return error instanceof Error && marker in error;
  }
}

/** The caller asked for something that cannot be: an unknown name, a value out of range, two options that exclude each other. */
export class UsageError extends PkaError {
  readonly code = "usage";
}
