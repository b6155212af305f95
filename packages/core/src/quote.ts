const MAX_LENGTH = 500;

/** Text that a server wrote, fit for an error message: one line, no control characters, at most 500 characters. */
export function quote(text: string): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, " ").trim();
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line;
}
