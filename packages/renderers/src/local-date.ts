/** This machine's date as `YYYY-MM-DD`, which harmony's preamble names. */
export function localDate(now: Date = new Date()): string {
  const two = (part: number) => String(part).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
