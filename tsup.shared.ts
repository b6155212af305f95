import type { Options } from "tsup";

export default {
  entry: ["src/index.ts"],
  format: ["esm"],
  target: "node20",
  sourcemap: true,
  clean: true,
  // Build against the siblings' built types, not their sources.
  dts: { compilerOptions: { customConditions: [] } },
} satisfies Options;
