import { TinkerClient } from "@pka/tinker";
import { readEnvironment } from "./environment.js";
import { Stderr } from "./stderr.js";

/** A client with the environment's key and address. @throws UsageError without a key. */
export function openTinker({ baseUrl }: { readonly baseUrl?: string | undefined }): TinkerClient {
  const { tinkerApiKey, tinkerBaseUrl } = readEnvironment();
  return new TinkerClient({ apiKey: tinkerApiKey ?? "", baseUrl: baseUrl ?? tinkerBaseUrl, logger: new Stderr() });
}
