// Training runs through a proxy that loses, repeats, delays and spoils requests and replies: do they end where a run without faults
// ends, to the bit? Run from the repository's root, with how many runs and the first one's seed:
//   node --conditions=@pka/source --import tsx packages/engine/scripts/faults.ts 200 0
import { isDeepStrictEqual } from "node:util";
import { FAULTS } from "@pka/fault-kit";
import { runThroughFaults } from "../src/testing/faulty-run.js";

/** Runs mostly wait. */
const AT_ONCE = 4;

const [count = 200, first = 0] = process.argv.slice(2).map(Number);
const begin = performance.now();
const { outcome: expected } = await runThroughFaults(0, 0);
const met = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<(typeof FAULTS)[number], number>;
const wrong: string[] = [];
const seeds = Array.from({ length: count }, (_, i) => first + i);
const next = seeds.values();

async function work(): Promise<void> {
  // One iterator for all workers.
  for (const seed of next) {
    try {
      const run = await runThroughFaults(seed);
      for (const fault of FAULTS) met[fault] += run.met[fault];
      if (!isDeepStrictEqual(run.outcome, expected)) wrong.push(`seed ${seed} ended elsewhere`);
    } catch (error) {
      wrong.push(`seed ${seed} failed: ${String(error)}`);
    }
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, work));
const total = Object.values(met).reduce((sum, times) => sum + times, 0);
console.log(`${count} runs, ${total} faults, ${((performance.now() - begin) / 1000).toFixed(0)} s`);
console.log(FAULTS.map((fault) => `${fault} ${met[fault]}`).join(", "));
console.log(wrong.length === 0 ? "all ended where the run without faults ended" : wrong.join("\n"));
process.exitCode = wrong.length === 0 ? 0 : 1;
