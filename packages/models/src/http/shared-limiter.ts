import { createHash } from "node:crypto";
import type { Clock } from "@pka/core";
import { AdaptiveLimiter } from "./adaptive-limiter.js";

const limiters = new Map<string, WeakRef<AdaptiveLimiter>>();

/**
 * The one limiter of an endpoint and key: models that share an account share what was learned about it, as long as one of
 * them is in use.
 */
export function sharedLimiter(
  baseUrl: string,
  apiKey: string | undefined,
  options: { readonly clock: Clock; readonly random: () => number },
): AdaptiveLimiter {
  const key = createHash("sha256")
    .update(JSON.stringify([baseUrl, apiKey]))
    .digest("hex");
  const known = limiters.get(key)?.deref();
  if (known) return known;
  const limiter = new AdaptiveLimiter(options);
  limiters.set(key, new WeakRef(limiter));
  return limiter;
}
