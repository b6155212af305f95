/**
 * The tests of the pure packages in Deno and Bun, which are installed into a temporary folder. A runtime that cannot be had is
 * skipped, saying so. Arguments go to Vitest.
 *
 *     npm run test:runtimes
 */
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../conformance/run.js";

const RUNTIMES = {
  bun: { version: "1.4.5", scope: "@oven", binary: ["bin", "bun"], options: ["--bun"] },
  deno: { version: "2.9.6", scope: "@deno", binary: ["deno"], options: ["run", "--allow-all"] },
};
const root = join(import.meta.dirname, "..");
const folder = await mkdtemp(join(tmpdir(), "pka-runtimes-"));
try {
  for (const [name, { version, scope, binary, options }] of Object.entries(RUNTIMES)) {
    // The program itself is in a package for this system; their install scripts only look for it.
    await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: { [name]: version } }));
    const install = ["install", "--ignore-scripts", "--no-audit", "--no-fund"];
    const installed = await run("npm", install, { cwd: folder, timeoutMs: 300_000 });
    const [system] = await readdir(join(folder, "node_modules", scope)).catch(() => []);
    const program = join(folder, "node_modules", scope, system ?? "", ...binary);
    if (installed.code !== 0 || !existsSync(program)) {
      console.log(`${name}: skipped, it cannot be had from the registry for this system`);
      continue;
    }
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    const config = join(import.meta.dirname, "runtime.config.ts");
    const tests = [...options, vitest, "run", "--config", config, ...process.argv.slice(2)];
    const { code, stdout, stderr } = await run(program, tests, {
      cwd: root,
      env: { PKA_RUNTIME: name, NO_COLOR: "1" },
      timeoutMs: 1_200_000,
    });
    console.log(`${name} ${version}: ${code === 0 ? "passed" : `failed, exit ${code}`}`);
    console.log(
      code === 0 ? stdout.trim().split("\n").slice(-5).join("\n") : stdout.slice(-6000) + stderr.slice(-4000),
    );
    if (code !== 0) process.exitCode = 1;
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
