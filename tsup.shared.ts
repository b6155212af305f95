import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts"],
  format: ["esm"],
  target: "node20",
  sourcemap: true,
  clean: true,
  // Build against the siblings' built types, not their sources.
  dts: { compilerOptions: { customConditions: [] } },
});
