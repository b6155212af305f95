import { printable } from "../stderr.js";

/** `not set` and `skipped` are no fault: not every user needs every key. `failed` is something set up that does not work. */
export interface Check {
  readonly name: string;
  readonly status: "ok" | "not set" | "skipped" | "failed";
  readonly detail: string;
}

export function failed(name: string, error: unknown): Check {
  return { name, status: "failed", detail: detailOf(error) };
}

export function detailOf(error: unknown): string {
  if (!(error instanceof Error)) return printable(String(error));
  return printable(error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message);
}
