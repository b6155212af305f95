import { parseBaseUrl } from "@pka/core";

/**
 * The base URL of an OpenAI-compatible API: `/v1` where no path was given.
 *
 * @throws UsageError as `parseBaseUrl` of `@pka/core`.
 */
export function openaiBaseUrl(text: string): string {
  const url = parseBaseUrl(text, "http://127.0.0.1:8000/v1");
  return url === new URL(url).origin ? `${url}/v1` : url;
}
