import { defineConfig } from "vitest/config";

// On two cores Vitest would take one: most of the time goes to programs that the tests start and wait for.
export default defineConfig({
  test: { projects: ["packages/*", "apps/*", "docs", "examples", "release"], maxWorkers: "100%" },
});
