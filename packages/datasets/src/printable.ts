/** The beginning of foreign text, without the control characters that a terminal would obey. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, " ").slice(0, 200);
}
