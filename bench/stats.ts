// Statistics: a bootstrap of 10,000 resamples over 11,313 pairs, as many as TriviaQA has, by each method; then the tests.
// Run from the repository's root:
//   node --conditions=@pka/source --import tsx bench/stats.ts
// PYTHON names an interpreter with numpy (default python3): the original's loop is then measured beside ours. Every figure
// is the best of several rounds, in CPU time.
import { spawnSync } from "node:child_process";
import {
  bootstrapDifference,
  type BootstrapOptions,
  clusterBootstrapDifference,
  clusterPermutationTest,
  mcnemar,
  permutationTest,
} from "@pka/stats";
import { leastCpuSeconds } from "./least.js";

const PAIRS = 11_313;
const [FIRST_ONLY, SECOND_ONLY] = [2200, 1900];
const RESAMPLES = 10_000;

const differences = Array.from({ length: PAIRS }, (_, row) =>
  row < FIRST_ONLY ? 1 : row < FIRST_ONLY + SECOND_ONLY ? -1 : 0,
);
const partial = differences.map((value, row) => (value * (1 + (row % 4))) / 4);
// Every seventh question is asked a second time.
const questions = differences.map((_, row) => (row % 8 === 7 ? row - 1 : row));

const bootstraps: Record<string, BootstrapOptions> = {
  "percentile, rows": { resampling: "rows" },
  "percentile, multinomial": { resampling: "multinomial" },
  "percentile, exact": { resampling: "exact" },
  "BCa, multinomial": { method: "bca", resampling: "multinomial" },
  "BCa, exact": { method: "bca", resampling: "exact" },
};

console.log(`${PAIRS.toLocaleString("en")} pairs, ${RESAMPLES.toLocaleString("en")} resamples`);
for (const [name, options] of Object.entries(bootstraps)) {
  await report(`bootstrap, ${name}`, () => bootstrapDifference(differences, { ...options, resamples: RESAMPLES }));
}
await report("bootstrap, percentile, rows, partial credit", () =>
  bootstrapDifference(partial, { resamples: RESAMPLES }),
);
await report("bootstrap by cluster", () =>
  clusterBootstrapDifference(differences, questions, { resamples: RESAMPLES }),
);
await report("permutation, exact", () => permutationTest(differences));
await report("permutation by cluster, exact", () => clusterPermutationTest(differences, questions));
await report("permutation, Monte Carlo, partial credit", () => permutationTest(partial, { resamples: RESAMPLES }));
await report("McNemar, exact", () => mcnemar({ firstOnly: FIRST_ONLY, secondOnly: SECOND_ONLY }, { method: "exact" }));
original();

function original(): void {
  const loop = `
import time, numpy as np
differences = np.zeros(${PAIRS})
differences[:${FIRST_ONLY}] = 1
differences[${FIRST_ONLY}:${FIRST_ONLY + SECOND_ONLY}] = -1
rng = np.random.default_rng(0)
start = time.process_time()
means = np.array([rng.choice(differences, size=len(differences), replace=True).mean() for _ in range(${RESAMPLES})])
np.percentile(means, [2.5, 97.5])
print(time.process_time() - start, np.__version__)`;
  const { status, stdout } = spawnSync(process.env["PYTHON"] ?? "python3", ["-c", loop], { encoding: "utf8" });
  if (status !== 0) {
    console.log("numpy's loop over rng.choice: not measured, PYTHON has no numpy");
    return;
  }
  const [seconds, version] = stdout.trim().split(" ");
  print(`numpy ${version}, loop over rng.choice`, Number(seconds));
}

async function report(name: string, call: () => unknown): Promise<void> {
  print(name, await leastCpuSeconds(5, call));
}

function print(name: string, seconds: number): void {
  console.log(`${name.padEnd(46)}${(seconds * 1000).toFixed(1).padStart(10)} ms`);
}
