export { benjaminiHochberg } from "./benjamini-hochberg.js";
export {
  bootstrapDifference,
  type BootstrapMethod,
  type BootstrapOptions,
  type BootstrapResult,
  type Resampling,
} from "./bootstrap-difference.js";
export {
  clusterBootstrapDifference,
  type ClusterBootstrapOptions,
  type ClusterBootstrapResult,
} from "./cluster-bootstrap-difference.js";
export { type ClusterComparison, clusterComparison, type ClusterComparisonOptions } from "./cluster-comparison.js";
export { clusterMcnemar, type ClusterMcnemarResult } from "./cluster-mcnemar.js";
export { clusterMeanDifference, type ClusterMeanResult } from "./cluster-mean-difference.js";
export { clusterPermutationTest, type ClusterPermutationResult } from "./cluster-permutation-test.js";
export { clusterWilsonInterval, type ClusterWilsonResult } from "./cluster-wilson-interval.js";
export { cohenKappa, type CohenKappaResult } from "./cohen-kappa.js";
export { holm } from "./holm.js";
export { type Effect, interaction, type InteractionOptions, type InteractionResult } from "./interaction.js";
export { type AnswerVotes, majAtK, type MajAtKOptions } from "./maj-at-k.js";
export { mcnemar, type McnemarMethod, type McnemarOptions, type McnemarResult } from "./mcnemar.js";
export {
  minimumDetectableEffect,
  minimumDetectableEffectUnpaired,
  type PairedDesign,
  type PowerOptions,
  type UnpairedDesign,
  type UnpairedEffect,
} from "./minimum-detectable-effect.js";
export { newcombeIntervalIndependent, newcombeIntervalPaired, type Proportion } from "./newcombe-interval.js";
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
export { passAtK } from "./pass-at-k.js";
export { permutationTest } from "./permutation-test.js";
export { quantile } from "./quantile.js";
export { randomSource, type RandomSource, type Seed } from "./random.js";
export type { PermutationOptions, PermutationResult } from "./sign-flip.js";
export { wilsonInterval, type Interval } from "./wilson-interval.js";
