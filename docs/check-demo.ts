// Runs the demo anew and compares its result files with the committed ones, byte for byte: npx tsx docs/check-demo.ts
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDER = "results/SmallWorld/tiny";

const workspace = mkdtempSync(join(tmpdir(), "pka-check-demo-"));
// The path of a checkpoint, as it was given, is part of what a result file names.
const { status } = spawnSync(process.execPath, [join(ROOT, "apps/cli/dist/main.js"), "demo", "--output-dir", FOLDER], {
  cwd: workspace,
  stdio: ["ignore", "ignore", "inherit"],
});
const committed = readdirSync(join(ROOT, FOLDER)).filter((name) => name.endsWith(".json.gz"));
const differing = committed.filter((name) => {
  const expected = gunzipSync(readFileSync(join(ROOT, FOLDER, name)));
  return status !== 0 || !expected.equals(readFileSync(join(workspace, FOLDER, name.replace(/\.gz$/, ""))));
});
rmSync(workspace, { recursive: true, force: true });
console.log(`${committed.length - differing.length} of ${committed.length} files are the same`);
for (const name of differing) console.log(`differs: ${name}`);
process.exitCode = committed.length === 0 || differing.length > 0 ? 1 : 0;
