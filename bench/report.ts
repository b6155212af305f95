// Report: a seeded results folder of 8 conditions × 18,000 rows, and how long the report of it takes. Run from the repository's root:
//   node --conditions=@pka/source --import tsx bench/report.ts [folder to keep] [rows]
// Prints build time, peak memory and the size of the file; conformance/report measures it in a browser.
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createReport } from "@pka/report";
import { writeResults } from "./report-results.js";

const [keep, rows = "18000"] = process.argv.slice(2);
const folder = keep ?? mkdtempSync(join(tmpdir(), "pka-bench-report-"));
try {
  writeResults(folder, Number(rows));
  const start = performance.now();
  const before = process.cpuUsage();
  const { text, data, maxChars } = await createReport({ folder: join(folder, "results"), title: "8 conditions" });
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  const path = join(folder, "report.html");
  writeFileSync(path, text);
  const { maxRSS } = process.resourceUsage();
  console.log(`${data.runs.length} runs, ${data.differences.length} differences`);
  console.log(
    `built in ${seconds.toFixed(1)} s (${((user + system) / 1e6).toFixed(1)} s of CPU time), peak memory ${Math.round(maxRSS / 1024)} MB`,
  );
  console.log(`${(statSync(path).size / 1e6).toFixed(1)} MB, texts cut at ${maxChars} characters`);
} finally {
  if (keep === undefined) rmSync(folder, { recursive: true, force: true });
}
