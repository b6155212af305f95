import { type Clock, systemClock } from "@pka/core";

const FACTOR = 20;

/** Real time in which every wait takes a twentieth of what was asked: for retries over real connections. */
export const quickClock: Clock = {
  now: () => systemClock.now() * FACTOR,
  wallNow: () => systemClock.wallNow(),
  after: (ms, callback, options) => systemClock.after(ms / FACTOR, callback, options),
};
