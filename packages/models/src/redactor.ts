const MASK = "[redacted]";

/**
 * Removes a secret, spelled out, URL-encoded or in base64, from text that others wrote: servers and proxies do echo request
 * headers in error pages.
 */
export function redactor(secret: string | undefined): (text: string) => string {
  if (!secret) return (text) => text;
  const base64 = [secret, `Bearer ${secret}`].map((text) => Buffer.from(text).toString("base64").replace(/=+$/, ""));
  const forms = [secret, encodeURIComponent(secret), ...base64];
  return (text) => forms.reduce((redacted, form) => redacted.replaceAll(form, MASK), text);
}
