import { type Clock, systemClock } from "@pka/core";

/** Real time in which every wait takes a twentieth of what was asked: for retries over real connections. */
export const quickClock: Clock = {
  now: () => systemClock.now() * 20,
  wallNow: () => systemClock.wallNow(),
  after: (ms, callback) => systemClock.after(ms / 20, callback),
};
