/** Where a library says what it is doing. Silent unless the caller passes one. */
export interface Logger {
  info(message: string): void;
  warn(message: string): void;
}

/** Says nothing: the default of every library. */
export const silentLogger: Logger = { info() {}, warn() {} };
