import { join } from "node:path";
import type { DemoSettings } from "./demo/demo-config.js";
import { DemoProgress } from "./demo/demo-progress.js";
import { poolSeeds } from "./demo/pool-seeds.js";
import { DISCLAIMER, printDemo } from "./demo/print-demo.js";
import { runSeed } from "./demo/run-seed.js";
import type { SeedResult } from "./demo/seed-result.js";
import { EXIT } from "./exit-codes.js";
import { listenForInterrupts } from "./interrupts.js";
import { Stderr } from "./stderr.js";

/** The flags of `pka demo`. */
export interface DemoOptions extends DemoSettings {
  /** How many seeds to run, from `seed` on. */
  readonly seeds: number;
  readonly outputDir: string;
  readonly json?: true;
}

const STOPPING =
  "Stopping: finishing what is in flight. Press Ctrl-C again to stop at once; the same command starts anew.";

/** `pka demo`: the paper in miniature on the embedded model. Resolves to the exit code. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const { seed: firstSeed, seeds, outputDir } = options;
  const stderr = new Stderr();
  const interrupts = listenForInterrupts((message) => stderr.warn(message), STOPPING);
  interrupts.stop.addEventListener("abort", () => process.exit(EXIT.interrupted));
  const progress = new DemoProgress(stderr, seeds);
  const logger = { info() {}, warn: (message: string) => stderr.warn(message) };
  stderr.info(DISCLAIMER);
  const results: SeedResult[] = [];
  try {
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      const folder = seeds === 1 ? outputDir : join(outputDir, `seed-${seed}`);
      const result = await runSeed({ ...options, seed }, { outputDir: folder, interrupts, logger, progress });
      if (result === undefined) break;
      results.push(result);
      progress.next();
    }
  } finally {
    interrupts.dispose();
    stderr.clearLine();
  }
  // Interrupted: the seeds that came to their end are still worth seeing.
  const isInterrupted = results.length < seeds;
  if (isInterrupted && results.length === 0) return EXIT.interrupted;
  const pooled = poolSeeds(results);
  printDemo(options, results, pooled, options.json === true);
  if (isInterrupted) return EXIT.interrupted;
  return pooled.isReproduced === false ? EXIT.failed : EXIT.done;
}
