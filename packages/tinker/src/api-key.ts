import { type Logger, UsageError } from "@pka/core";

export const HOSTED_URL = "https://tinker.thinkingmachines.dev/services/tinker-prod";

/**
 * Keys of the service start with `tml-`, or are JSON web tokens. A server of one's own may have others, which is worth a warning.
 * @throws UsageError before anything is sent. The message never holds the key.
 */
export function checkApiKey(apiKey: string, baseUrl: string, logger: Logger): void {
  if (apiKey === "") throw new UsageError(`no API key for ${baseUrl}: set TINKER_API_KEY, or give apiKey`);
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new UsageError("the API key (TINKER_API_KEY) holds a space, a line break or another character no key has");
  }
  if (/^(tml-|eyJ)/.test(apiKey)) return;
  const problem = "the API key (TINKER_API_KEY) does not start with tml-";
  if (baseUrl.startsWith(new URL(HOSTED_URL).origin)) throw new UsageError(`${problem}: it is no key of this service`);
  logger.warn(`${problem}; the official Python SDK would refuse it`);
}
