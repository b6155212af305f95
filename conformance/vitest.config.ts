import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["@pka/source"] } },
  test: {
    include: ["**/*.conformance.test.ts"],
    exclude: ["**/node_modules/**", ".venv*/**", ".onnx/**"],
    globalSetup: ["./setup.ts"],
    // Real servers and two cores: one suite at a time.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
});
