import type { ExperimentMeasures } from "./measure-experiment.js";

/** What came of one seed. */
export interface SeedResult extends ExperimentMeasures {
  readonly seed: number;
  readonly outputDir: string;
  /** The HTML report. */
  readonly report: string;
}
