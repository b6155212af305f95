import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["@pka/source"] } },
  test: { include: ["src/**/*.test.ts"], restoreMocks: true, unstubEnvs: true, testTimeout: 30_000 },
});
