import { pythonFloat } from "@pka/core";

/** A number that Python holds as a float, so that 88 is written `88.0`. */
export class PythonFloat {
  constructor(readonly value: number) {}
}

/** What {@link pythonJson} writes. Plain numbers are written as JavaScript writes them: pass whole ones, and floats as {@link PythonFloat}. */
export type PythonJsonValue =
  | null
  | boolean
  | number
  | string
  | PythonFloat
  | readonly PythonJsonValue[]
  | { readonly [key: string]: PythonJsonValue };

/**
 * A value as Python's `json.dump(value, file, indent=2)` writes it: everything outside printable ASCII as `\uXXXX`, floats by `repr`.
 *
 * @param depth - Nesting level at which the text will stand; only lines after the first are indented.
 */
export function pythonJson(value: PythonJsonValue, depth = 0): string {
  if (typeof value === "string") return pythonString(value);
  if (value === null || typeof value !== "object") return String(value);
  if (value instanceof PythonFloat) return pythonFloat(value.value);

  const isArray = Array.isArray(value);
  const items = isArray
    ? value.map((item: PythonJsonValue) => pythonJson(item, depth + 1))
    : Object.entries(value).map(([key, item]) => `${pythonString(key)}: ${pythonJson(item, depth + 1)}`);
  const [open, close] = isArray ? "[]" : "{}";
  if (items.length === 0) return `${open}${close}`;
  const newline = `\n${"  ".repeat(depth)}`;
  return `${open}${newline}  ${items.join(`,${newline}  `)}${newline}${close}`;
}

function pythonString(text: string): string {
  // JSON.stringify escapes what Python escapes below U+007F, in the same spelling, and lone surrogates.
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
