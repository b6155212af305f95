import { join } from "node:path";
import { defineConfig } from "vitest/config";
import shared from "../vitest.shared.js";

/** The tests of the pure packages in whatever runs this, see `runtimes.ts`. */
export default defineConfig({
  ...shared,
  root: join(import.meta.dirname, ".."),
  test: {
    ...shared.test,
    include: ["packages/{grading,stats,thinking-tokens}/src/**/*.test.ts"],
    // Its answers are read with `@pka/datasets`, which is for Node.
    exclude: ["**/math-answers.test.ts"],
    setupFiles: [join(import.meta.dirname, "runtime.setup.ts")],
    testTimeout: 120_000,
  },
});
