import { quickClock } from "@pka/fault-kit";
import { TinkerClient, type TinkerClientOptions } from "../tinker-client.js";
import type { TinkerStub } from "./tinker-stub.js";

export const API_KEY = "tml-canary-5up3r53cr3t";

/** A client of the stub whose waits are short. */
export function openClient(stub: TinkerStub, options: Partial<TinkerClientOptions> = {}): TinkerClient {
  return new TinkerClient({ apiKey: API_KEY, baseUrl: stub.url, clock: quickClock, random: () => 0.5, ...options });
}
