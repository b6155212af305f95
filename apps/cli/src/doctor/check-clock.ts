import type { Check } from "./check.js";

/** Certificates and signed links are valid for minutes or more. */
const MAX_SKEW_MS = 60_000;
/** Before this code was written. */
const EARLIEST = Date.UTC(2026, 10, 1);
const LATEST = Date.UTC(2100, 0, 1);

/**
 * This machine's clock against those of the servers that answered.
 * @param skewsMs - Server's time less ours, one per answer.
 */
export function checkClock(now: number, skewsMs: readonly number[]): Check {
  const name = "clock";
  const time = Number.isNaN(new Date(now).getTime()) ? "no time" : new Date(now).toISOString().slice(0, 16) + "Z";
  if (!(now > EARLIEST && now < LATEST)) return { name, status: "failed", detail: `it says ${time}: set it` };
  if (skewsMs.length === 0) return { name, status: "ok", detail: `${time}, compared with no server` };
  // The least of them: one server with a wrong clock is not ours.
  const skew = skewsMs.reduce((least, each) => (Math.abs(each) < Math.abs(least) ? each : least));
  const seconds = Math.round(Math.abs(skew) / 1000);
  if (Math.abs(skew) <= MAX_SKEW_MS)
    return { name, status: "ok", detail: `${time}, within ${Math.max(seconds, 1)} s of a server's` };
  const detail = `${time} is ${seconds} s ${skew > 0 ? "behind" : "ahead of"} a server's: certificates and signed links fail`;
  return { name, status: "failed", detail };
}
