// Reading and comparing two result files: time for files of 18,000 rows, peak memory for files of 600 MB.
// node --conditions=@pka/source --import tsx bench/compare.ts
// With PYTHON=<an interpreter that has numpy and scipy>, the same work as the paper's scripts do it is measured beside.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compareGraders, compareResults, readResultRows, regradeFile } from "@pka/harness";
import { writeResultFile } from "./result-file.js";

const ROWS = 18_000;
/** The best counts. */
const ROUNDS = 3;
/** Characters of each answer: as in the paper's gpt-oss files, and so many that the file has 600 MB. */
const SIZES = { "18,000 rows": 1000, "600 MB": 34_000 };

const [task, first, second] = process.argv.slice(2);
if (task === undefined) runAll();
else await runOne(task, first!, second!);

function runAll(): void {
  const folder = mkdtempSync(join(tmpdir(), "pka-bench-"));
  try {
    for (const [name, length] of Object.entries(SIZES)) {
      const [a, b] = [join(folder, "a.json"), join(folder, "b.json")];
      writeResultFile(a, { rows: ROWS, length, modulus: 3 });
      writeResultFile(b, { rows: ROWS, length, modulus: 4 });
      console.log(`two files of ${name}, ${(statSync(a).size / 1e6).toFixed(0)} MB each`);
      for (const what of ["compare", "grade"]) {
        // A process of its own for each, so that each has its own peak.
        const args = [...process.execArgv, fileURLToPath(import.meta.url), what, a, b];
        process.stdout.write(execFileSync(process.execPath, args));
      }
      const python = process.env["PYTHON"];
      if (python === undefined) continue;
      const script = fileURLToPath(new URL("./compare.py", import.meta.url));
      const { stdout, status, signal } = spawnSync(python, [script, a, b], { encoding: "utf8" });
      process.stdout.write(status === 0 ? stdout : `  Python: failed (${signal ?? status})\n`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runOne(what: string, a: string, b: string): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    if (what === "compare") {
      const { metrics } = compareResults(
        await readResultRows(a, { columns: [] }),
        await readResultRows(b, { columns: [] }),
      );
      if (metrics.length !== 2) throw new Error("two metrics were expected");
    } else {
      const { graders } = compareGraders(await regradeFile(a), await regradeFile(b));
      if (graders.length !== 6) throw new Error("six graders were expected");
    }
    times.push((performance.now() - start) / 1000);
  }
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(`  ${what}: ${Math.min(...times).toFixed(2)} s, peak RSS ${peak.toFixed(0)} MiB`);
}
