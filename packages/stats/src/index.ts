export { benjaminiHochberg } from "./benjamini-hochberg.js";
export {
  bootstrapDifference,
  type BootstrapMethod,
  type BootstrapOptions,
  type BootstrapResult,
  type Resampling,
} from "./bootstrap-difference.js";
export { cohenKappa, type CohenKappaResult } from "./cohen-kappa.js";
export { holm } from "./holm.js";
export { mcnemar, type McnemarMethod, type McnemarOptions, type McnemarResult } from "./mcnemar.js";
export {
  type DuplicateKey,
  type PairBy,
  type Pairing,
  type PairOptions,
  pairRows,
  type RowKey,
  type RowPair,
} from "./pair-rows.js";
export { type PairedTable, pairedTable } from "./paired-table.js";
export type { Seed } from "./random.js";
export { wilsonInterval, type Interval } from "./wilson-interval.js";
