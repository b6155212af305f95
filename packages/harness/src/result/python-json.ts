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

function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (Object.is(value, -0)) return "-0.0";
  // Both languages print the shortest digits that read back; they differ in when and how they use an exponent.
  const [digits = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 16) return Number.isInteger(value) ? `${value}.0` : String(value);
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}
