// Command line: wall time from start to exit, against a bare node. Build first, then from the repository's root:
//   node --conditions=@pka/source --import tsx bench/cli.ts
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../apps/cli/dist/main.js", import.meta.url));
const ROUNDS = 15;

for (const [name, args] of [
  ["node -e 0", ["-e", "0"]],
  ["pka --version", [MAIN, "--version"]],
  ["pka eval --help", [MAIN, "eval", "--help"]],
  ["pka models", [MAIN, "models"]],
] as const) {
  const times = Array.from({ length: ROUNDS }, () => wallMs(args)).toSorted((a, b) => a - b);
  console.log(`${name.padEnd(18)} best ${times[0]!.toFixed(0)} ms, median ${times[ROUNDS >> 1]!.toFixed(0)} ms`);
}

function wallMs(args: readonly string[]): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`node ${args.join(" ")}: exit ${status}\n${stderr}`);
  return performance.now() - start;
}
