import { expect, test } from "vitest";
import { checkClock } from "./check-clock.js";

const NOW = Date.UTC(2027, 0, 2, 3, 4);

test.each([
  { name: "no server", now: NOW, skews: [], status: "ok", detail: "2027-01-02T03:04Z, compared with no server" },
  { name: "a second off", now: NOW, skews: [900], status: "ok", detail: "within 1 s" },
  { name: "behind", now: NOW, skews: [3_600_000], status: "failed", detail: "is 3600 s behind" },
  { name: "ahead", now: NOW, skews: [-86_400_000, -86_400_500], status: "failed", detail: "is 86400 s ahead of" },
  { name: "one wrong server", now: NOW, skews: [9e9, 400], status: "ok", detail: "within 1 s" },
  { name: "never set", now: 0, skews: [], status: "failed", detail: "1970-01-01T00:00Z: set it" },
  { name: "no number", now: Number.NaN, skews: [], status: "failed", detail: "no time" },
])("clock: $name", ({ now, skews, status, detail }) => {
  const check = checkClock(now, skews);
  expect(check.status).toBe(status);
  expect(check.detail).toContain(detail);
});
