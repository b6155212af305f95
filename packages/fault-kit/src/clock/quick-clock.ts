import { type Clock, systemClock } from "@pka/core";

/** Real time in which every wait takes the `factor`th part of what was asked: for retries over real connections. */
export function hurriedClock(factor: number): Clock {
  return {
    now: () => systemClock.now() * factor,
    wallNow: () => systemClock.wallNow(),
    after: (ms, callback, options) => systemClock.after(ms / factor, callback, options),
  };
}

/** Twenty times as fast as real time. */
export const quickClock: Clock = hurriedClock(20);
