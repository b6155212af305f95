// Runs the demo anew and compares its result files with the committed ones, byte for byte: npx tsx docs/check-demo.ts
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const RESULTS = join(ROOT, "results/SmallWorld/tiny");

const folder = mkdtempSync(join(tmpdir(), "pka-check-demo-"));
const { status } = spawnSync(process.execPath, [join(ROOT, "apps/cli/dist/main.js"), "demo", "--output-dir", folder], {
  stdio: ["ignore", "ignore", "inherit"],
});
const committed = readdirSync(RESULTS).filter((name) => name.endsWith(".json.gz"));
const differing = committed.filter((name) => {
  if (status !== 0) return true;
  const expected = gunzipSync(readFileSync(join(RESULTS, name)));
  return !expected.equals(readFileSync(join(folder, name.replace(/\.gz$/, ""))));
});
rmSync(folder, { recursive: true, force: true });
console.log(`${committed.length - differing.length} of ${committed.length} files are the same`);
for (const name of differing) console.log(`differs: ${name}`);
process.exitCode = committed.length === 0 || differing.length > 0 ? 1 : 0;
