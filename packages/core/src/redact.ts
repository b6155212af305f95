const MASK = "[redacted]";
/** Pieces of a shorter secret in base64 are letters that occur by themselves. */
const MIN_BASE64 = 8;

/**
 * Removes secrets from text that others wrote: servers and proxies do echo request headers in error pages. They are found as they
 * are, URL-encoded, escaped in JSON, and in base64 or base64url wherever in a longer text (`Authorization: Bearer …`) they stand.
 */
export function redact(text: string, secrets: Iterable<string>): string {
  return redactor(secrets)(text);
}

/** {@link redact} of the same secrets for many texts: how each may be written is found out once. */
export function redactor(secrets: Iterable<string>): (text: string) => string {
  // The longest first: it may begin with a shorter one.
  const forms = [...new Set([...secrets].flatMap(formsOf))].toSorted((a, b) => b.length - a.length);
  return (text) => forms.reduce((redacted, form) => redacted.replaceAll(form, MASK), text);
}

function formsOf(secret: string): string[] {
  if (secret === "") return [];
  const url = encodeURIComponent(secret);
  const json = JSON.stringify(secret).slice(1, -1);
  const plain = [secret, url, url.replace(/%../g, (code) => code.toLowerCase()), json, json.replaceAll("/", "\\/")];
  const encoded = base64(secret).filter((form) => form.length >= MIN_BASE64);
  return [...plain, ...encoded, ...encoded.map((form) => form.replaceAll("+", "-").replaceAll("/", "_"))];
}

/** Base64 takes three bytes at a time, so inside a longer text the secret looks one of three ways. */
function base64(secret: string): string[] {
  const bytes = new TextEncoder().encode(secret);
  return [0, 1, 2].map((numBefore) => {
    const text = "\0".repeat(numBefore) + String.fromCharCode(...bytes);
    // Without the digits at both ends that depend on the neighbours too.
    return btoa(text).slice(Math.ceil((numBefore * 8) / 6), Math.floor((text.length * 8) / 6));
  });
}

/** Each takes linear time. */
const CREDENTIALS: readonly (readonly [RegExp, string])[] = [
  [/\b(?:sk-|tml-|hf_)[\w-]{16,}/g, MASK],
  [/\b(authorization["']?\s?[:=]\s?["']?(?:(?:bearer|basic)\s)?)[^\s"',;]+/gi, `$1${MASK}`],
  [/\b(Bearer\s)[\w.~+/-]{16,}=*/g, `$1${MASK}`],
  [/(:\/\/)[^\s/@]+@/g, `$1${MASK}@`],
  [/([?&](?:api[-_]?key|key|access[-_]token|token|signature|sig|secret|password)=)[^&\s#"'<>]+/gi, `$1${MASK}`],
];

/** Removes what looks like a credential, whoever's: keys by their prefix, `Bearer …`, a URL's user and secret parameters. */
export function redactCredentials(text: string): string {
  return CREDENTIALS.reduce((redacted, [pattern, mask]) => redacted.replace(pattern, mask), text);
}
