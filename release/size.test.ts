import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { bundle } from "./bundle.js";

/** Everything that a package exports with all that it needs, minified and gzipped, in bytes. */
const BUDGETS = {
  "grading/src/index.ts": 12_000,
  "grading/src/math-verify/index.ts": 16_000,
  "stats/src/index.ts": 12_000,
  "thinking-tokens/src/index.ts": 12_000,
};

test.each(Object.entries(BUDGETS))("%s is at most %i bytes", async (path, budget) => {
  const root = join(import.meta.dirname, "..", "packages");
  const code = await bundle(`export * from ${JSON.stringify(join(root, path))};`, root);
  const size = gzipSync(code, { level: 9 }).length;
  console.log(`${path}: ${size} bytes`);
  expect(size).toBeGreaterThan(1000);
  expect(size).toBeLessThanOrEqual(budget);
});

test("a built-in module of Node is refused", async () => {
  await expect(bundle(`export { readFileSync } from "node:fs";`, import.meta.dirname)).rejects.toThrow('imports "fs"');
});
