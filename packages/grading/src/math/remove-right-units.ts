const UNIT = "\\text{ ";

/**
 * Drop a unit at the end: everything from `\text{ ` on.
 *
 * @returns `null` where the original fails: the marker occurs twice.
 */
export function removeRightUnits(text: string): string | null {
  const unit = text.indexOf(UNIT);
  if (unit < 0) return text;
  return unit === text.lastIndexOf(UNIT) ? text.slice(0, unit) : null;
}
