const MAX_LENGTH = 500;
const MASK = "[redacted]";

/** Text that a server wrote, fit for an error message: one line, no control characters, at most 500 characters. */
export function quote(text: string): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, " ").trim();
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line;
}

/** Removes secrets, as they are, URL-encoded or in base64, from text that others wrote: servers do echo request headers. */
export function redact(text: string, secrets: readonly string[]): string {
  let redacted = text;
  for (const secret of secrets) {
    const base64 = Buffer.from(secret).toString("base64").replace(/=+$/, "");
    for (const form of [secret, encodeURIComponent(secret), base64]) redacted = redacted.replaceAll(form, MASK);
  }
  return redacted;
}
