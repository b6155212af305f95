import { type Logger, UsageError } from "@pka/core";
import { TinkerClient } from "@pka/tinker";
import { readEnvironment } from "./environment.js";
import { Stderr } from "./stderr.js";

export const TINKER_KEYS = "keys are made at https://tinker-console.thinkingmachines.ai";

/** A client with the environment's key and address. @throws UsageError without a key. */
export function openTinker(
  { baseUrl, signal }: { readonly baseUrl?: string | undefined; readonly signal?: AbortSignal | undefined },
  logger: Logger = new Stderr(),
): TinkerClient {
  const { tinkerApiKey, tinkerBaseUrl } = readEnvironment();
  if (tinkerApiKey === undefined) throw new UsageError(`Tinker needs an API key: set TINKER_API_KEY; ${TINKER_KEYS}`);
  return new TinkerClient({ apiKey: tinkerApiKey, baseUrl: baseUrl ?? tinkerBaseUrl, logger, signal });
}
