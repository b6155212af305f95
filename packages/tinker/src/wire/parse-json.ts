import type { z } from "zod";
import { WireFormatError } from "./wire-format-error.js";

/** A JSON string, or a JSON number. One that never closes counts as well, so that no text is looked at twice. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const LONG_INTEGER = /^-?\d{16,}$/;

/**
 * `JSON.parse`, except that a whole number which a double cannot hold exactly comes as its digits, a string.
 * Sequence numbers of copied samplers reach 10¹⁸.
 *
 * @throws WireFormatError when it is no JSON.
 */
export function parseJson(text: string): unknown {
  const mayHaveLong = /[:[,\s]-?\d{16,}[\s,\]}]/.test(text);
  const safe = mayHaveLong
    ? text.replace(TOKEN, (token) =>
        LONG_INTEGER.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
      )
    : text;
  try {
    return JSON.parse(safe);
  } catch {
    throw new WireFormatError("is not JSON");
  }
}

/** @throws WireFormatError naming the first field that does not fit. */
export function parseWith<T>(schema: z.ZodType<T>, json: unknown, what: string): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.join(".") ?? "";
  throw new WireFormatError(`${what}: ${path === "" ? "" : `field ${path}: `}${issue?.message ?? "does not fit"}`);
}
