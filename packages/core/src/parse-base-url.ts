import { UsageError } from "./errors.js";

/**
 * The address that a server's paths follow, in its one spelling: no slash at the end.
 *
 * @param example - What an error shows.
 * @throws UsageError for anything but `http://` or `https://`, for a URL with a user name, password, query or fragment.
 */
export function parseBaseUrl(text: string, example: string): string {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  // The text itself is not quoted where it may hold a password.
  if (url && (url.username || url.password)) {
    throw new UsageError(`base URL of ${url.host}: give the key as an API key, not inside the URL`);
  }
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    throw new UsageError(`"${text}" is not a base URL; write it like ${example}`);
  }
  if (url.search || url.hash) {
    throw new UsageError(`base URL ${url.origin}${url.pathname}: nothing may follow the path (found "?" or "#")`);
  }
  return url.origin + url.pathname.replace(/(?<!\/)\/+$/, "");
}
