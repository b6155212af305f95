import { setTimeout as sleep } from "node:timers/promises";
import { DownloadError } from "../errors.js";
import type { Connection } from "./request.js";

const MAX_WAIT_MS = 60_000;

/**
 * Try again after errors that may pass, waiting 0.5 s, 1 s, 2 s, … less up to a quarter, or what the server asks for,
 * at most a minute.
 *
 * @param options.maxFailures - Failures in a row that end it. Default 5.
 * @param options.hasProgressed - Asked after a failure; `true` starts the count anew, so a broken download that grows may go on.
 */
export async function withRetries<T>(
  { signal, logger }: Connection,
  attempt: () => Promise<T>,
  options: { readonly maxFailures?: number; readonly hasProgressed?: () => Promise<boolean> } = {},
): Promise<T> {
  const { maxFailures = 5, hasProgressed } = options;
  for (let failures = 1; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof DownloadError) || !error.isRetryable) throw error;
      if (await hasProgressed?.()) failures = 1;
      if (failures >= maxFailures) throw error;
      const backoffMs = 500 * 2 ** (failures - 1) * (1 - Math.random() / 4);
      const waitMs = Math.min(Math.max(error.retryAfterMs ?? backoffMs, 0), MAX_WAIT_MS);
      logger.warn(`${error.message}; trying again in ${(waitMs / 1000).toFixed(1)} s`);
      await sleep(waitMs, undefined, { signal }).catch(() => signal?.throwIfAborted());
    }
  }
}
