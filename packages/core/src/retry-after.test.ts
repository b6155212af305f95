import { expect, test } from "vitest";
import { retryAfterMs } from "./retry-after.js";

const NOW = Date.UTC(2026, 0, 1);

test.each([
  { headers: {}, expected: undefined },
  { headers: { "retry-after": "" }, expected: undefined },
  { headers: { "retry-after": "0" }, expected: undefined },
  { headers: { "retry-after": "-3" }, expected: undefined },
  { headers: { "retry-after": "0.5" }, expected: 500 },
  { headers: { "retry-after": "120" }, expected: 120_000 },
  { headers: { "retry-after": "1e9" }, expected: 1e12 },
  { headers: { "retry-after": "soon" }, expected: undefined },
  { headers: { "retry-after": "Thu, 01 Jan 2026 00:00:30 GMT" }, expected: 30_000 },
  { headers: { "retry-after": "Wed, 21 Oct 2015 07:28:00 GMT" }, expected: undefined },
  { headers: { "retry-after-ms": "250", "retry-after": "9" }, expected: 250 },
  { headers: { "retry-after-ms": "x", "retry-after": "9" }, expected: 9000 },
])("$headers -> $expected ms", ({ headers, expected }) => {
  expect(retryAfterMs(new Headers(headers as Record<string, string>), NOW)).toBe(expected);
});
