import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["@pka/source"] } },
  test: {
    include: ["*.faults.test.ts"],
    reporters: ["default", "./figures-reporter.ts"],
    // They fill disks, kill processes and keep servers busy: one at a time.
    fileParallelism: false,
    // Room for short-lived objects: else the collector makes linear work look steeper where the texts outgrow it.
    execArgv: ["--max-semi-space-size=128"],
    testTimeout: 600_000,
    hookTimeout: 60_000,
  },
});
