import { stripVTControlCharacters } from "node:util";
import { type Logger, redact, redactCredentials } from "@pka/core";
import pc from "picocolors";
import { secretsOf } from "./environment.js";

/** Removes the keys that this process was given: whatever a server says, they are not repeated. */
export function withoutKeys(text: string): string {
  return redact(text, KEYS);
}

const KEYS = secretsOf(process.env);

/**
 * Server and model text may hold terminal escapes and echo keys: keep line breaks and tabs, drop the other control characters,
 * and whatever is or looks like a credential.
 */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  const plain = stripVTControlCharacters(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");
  return redactCredentials(withoutKeys(plain));
}

// Off a terminal `isTTY` is undefined, which would leave the choice to picocolors: it colours whatever runs in CI.
const colors = pc.createColors(process.stderr.isTTY ? !process.env["NO_COLOR"] : false);

/** Progress and messages share stderr: the progress line is taken away before a message and redrawn by the next update. */
export class Stderr implements Logger {
  #hasLine = false;

  info(message: string): void {
    this.#print(printable(message));
  }

  warn(message: string): void {
    this.#print(colors.yellow(`warning: ${printable(message)}`));
  }

  error(message: string): void {
    this.#print(colors.red(`error: ${printable(message)}`));
  }

  /** Draw or redraw the one live line. Only on a terminal. */
  line(text: string): void {
    process.stderr.write(`\r\u001b[2K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
    this.#hasLine = true;
  }

  clearLine(): void {
    if (this.#hasLine) process.stderr.write("\r\u001b[2K");
    this.#hasLine = false;
  }

  #print(text: string): void {
    this.clearLine();
    process.stderr.write(`${text}\n`);
  }
}
