const MASK = "[redacted]";

/**
 * Removes secrets, spelled out, URL-encoded or in base64 (alone or after `Bearer `), from text that others wrote: servers and proxies
 * do echo request headers in error pages.
 */
export function redact(text: string, secrets: Iterable<string>): string {
  let redacted = text;
  for (const secret of secrets) {
    if (secret === "") continue;
    for (const form of formsOf(secret)) redacted = redacted.replaceAll(form, MASK);
  }
  return redacted;
}

function formsOf(secret: string): string[] {
  return [secret, encodeURIComponent(secret), base64(secret), base64(`Bearer ${secret}`)];
}

/** Without padding: in a longer text the last characters depend on what follows. */
function base64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return btoa(String.fromCharCode(...bytes)).replace(/=+$/, "");
}
