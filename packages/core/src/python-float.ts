/**
 * A number as Python's `repr` writes a float: `1e-05`, `0.0001`, `88.0`. Exponents stand below 1e-4 and from 1e16 on, with two digits
 * at least; `NaN`, `Infinity` as Python's `json` spells them.
 */
export function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (Object.is(value, -0)) return "-0.0";
  // Both languages print the shortest digits that read back; they differ in when and how they use an exponent.
  const [digits = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 16) return Number.isInteger(value) ? `${value}.0` : String(value);
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}
