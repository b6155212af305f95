import { VirtualClock } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { AdaptiveLimiter, type Permit } from "./adaptive-limiter.js";

const setUp = () => {
  const clock = new VirtualClock();
  // The middle of every interval: the first own back-off is 0.5 s + 0.5 · (1.5 s − 0.5 s) = 1 s.
  return { clock, limiter: new AdaptiveLimiter({ clock, random: () => 0.5 }) };
};

function acquireAll(limiter: AdaptiveLimiter): Permit[] {
  const permits: Permit[] = [];
  for (let permit = limiter.tryAcquire(); permit; permit = limiter.tryAcquire()) permits.push(permit);
  return permits;
}

test("starts with 8 in flight", () => {
  expect(acquireAll(setUp().limiter)).toHaveLength(8);
});

test("grows by one per answer while every place is taken, which doubles it per round trip", () => {
  const { limiter } = setUp();
  const permits = acquireAll(limiter);
  for (let i = 0; i < 8; i++) {
    permits.shift()!.answered();
    permits.push(...acquireAll(limiter));
  }
  expect(permits).toHaveLength(16);
});

test("after a refusal it grows by one per round trip", async () => {
  const { clock, limiter } = setUp();
  for (const permit of acquireAll(limiter)) permit.refused();
  await clock.run(clock.sleep(1000));
  limiter.tryAcquire()!.answered();
  const permits = acquireAll(limiter);
  expect(permits).toHaveLength(4);
  for (let i = 0; i < 5; i++) {
    permits.shift()!.answered();
    permits.push(...acquireAll(limiter));
  }
  expect(permits).toHaveLength(5);
});

test("does not grow while places stay empty", () => {
  const { limiter } = setUp();
  for (let i = 0; i < 100; i++) limiter.tryAcquire()!.answered();
  expect(limiter.concurrency).toBe(8);
});

test("many refusals of one burst halve the concurrency once", () => {
  const { limiter } = setUp();
  const pauses = acquireAll(limiter).map((permit) => permit.refused());
  expect(pauses.filter((pause) => pause !== undefined)).toEqual([{ ms: 1000, isLong: false, concurrency: 4 }]);
  expect(limiter.concurrency).toBe(4);
});

test("after a pause one probe goes out, and the rest only when it is answered", async () => {
  const { clock, limiter } = setUp();
  for (const permit of acquireAll(limiter)) permit.refused();
  expect(acquireAll(limiter)).toHaveLength(0);
  expect(limiter.opensAt).toBe(1000);

  await clock.run(clock.sleep(1000));
  const [probe, ...others] = acquireAll(limiter);
  expect(others).toHaveLength(0);
  probe!.answered();
  expect(acquireAll(limiter)).toHaveLength(4);
});

test("a refused probe lengthens the pause and leaves the concurrency", async () => {
  const { clock, limiter } = setUp();
  for (const permit of acquireAll(limiter)) permit.refused();
  await clock.run(clock.sleep(1000));
  const pause = limiter.tryAcquire()!.refused();
  // 0.5 s + 0.5 · (3 · 1 s − 0.5 s)
  expect(pause).toEqual({ ms: 1750, isLong: false, concurrency: 4 });
});

test("a probe that is still running after 5 s was accepted: the rest follow", async () => {
  const { clock, limiter } = setUp();
  for (const permit of acquireAll(limiter)) permit.refused();
  await clock.run(clock.sleep(1000));
  limiter.tryAcquire();
  expect(limiter.tryAcquire()).toBeUndefined();
  await clock.run(clock.sleep(5000));
  expect(acquireAll(limiter)).toHaveLength(3);
});

test("a probe without a verdict is followed by another probe", async () => {
  const { clock, limiter } = setUp();
  for (const permit of acquireAll(limiter)) permit.refused();
  await clock.run(clock.sleep(1000));
  limiter.tryAcquire()!.gaveUp();
  expect(acquireAll(limiter)).toHaveLength(1);
});

test.each([
  { name: "a hint below its own back-off", hintMs: 20, ms: 1000, isLong: false },
  { name: "a hint of 30 s", hintMs: 30_000, ms: 30_000, isLong: false },
  { name: "a hint of 2 min", hintMs: 120_000, ms: 120_000, isLong: true },
  { name: "a hint of 70 years", hintMs: 2.2e12, ms: 900_000, isLong: true },
])("pauses for $ms ms after $name", ({ hintMs, ms, isLong }) => {
  const { limiter } = setUp();
  expect(limiter.tryAcquire()!.refused(hintMs)).toMatchObject({ ms, isLong });
});

test("never goes below one in flight", async () => {
  const { clock, limiter } = setUp();
  limiter.tryAcquire()!.refused();
  expect(limiter.concurrency).toBe(1);
  await clock.run(clock.sleep(1000));
  expect(limiter.tryAcquire()).toBeDefined();
});
