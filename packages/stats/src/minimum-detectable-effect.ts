import { UsageError } from "@pka/core";
import { requireCount, requireInside } from "./check.js";
import { normalQuantile } from "./normal-quantile.js";

/** What a design must be able to detect. */
export interface PowerOptions {
  /** Two-sided level of the test, in (0, 1). Default 0.05. */
  readonly alpha?: number;
  /** Chance to detect the effect, in (0, 1), above `alpha`. Default 0.8. */
  readonly power?: number;
}

/** A comparison of two conditions on the same questions. */
export interface PairedDesign extends PowerOptions {
  /** Pairs, at least 1. */
  readonly n: number;
  /** Share of pairs on which exactly one condition is right, in (0, 1]; from earlier runs. */
  readonly discordance: number;
}

/** A comparison of two conditions on different questions. */
export interface UnpairedDesign extends PowerOptions {
  /** Questions in the first sample, at least 1. */
  readonly n1: number;
  /** Questions in the second sample, at least 1. */
  readonly n2: number;
  /** Rate in the first sample, in (0, 1). */
  readonly baseline: number;
}

/**
 * The smallest true difference of two rates on the same questions that McNemar's test (without continuity correction)
 * finds with the given power. Assumes independent pairs and large samples.
 *
 * @returns The size of the difference, in (0, `discordance`]; `null` where even a difference as large as the discordance,
 * the largest there can be, is found less often.
 * @throws UsageError naming the value that is out of range.
 * @example minimumDetectableEffect({ n: 3610, discordance: 0.2 }) // 0.0208: two points on Natural Questions
 * @see Connor (1987), Biometrics 43, 207–211: n·δ² = (z_α·√ψ + z_β·√(ψ − δ²))², solved for δ; ψ is the discordance.
 */
export function minimumDetectableEffect(design: PairedDesign): number | null {
  const { n, discordance } = design;
  requireCount("n", n, 1);
  if (!(discordance > 0 && discordance <= 1)) {
    throw new UsageError(`discordance must be above 0 and at most 1, not ${discordance}`);
  }
  const [zAlpha, zBeta] = quantiles(design);
  const root = n + zBeta ** 2 - zAlpha ** 2;
  if (root < 0) return null;
  const effect = (Math.sqrt(discordance) * (Math.sqrt(n) * zAlpha + zBeta * Math.sqrt(root))) / (n + zBeta ** 2);
  return effect <= discordance ? effect : null;
}

/** What {@link minimumDetectableEffectUnpaired} finds: sizes, or `null` where no rate below 1 (above 0) is far enough. */
export interface UnpairedEffect {
  readonly increase: number | null;
  readonly decrease: number | null;
}

/**
 * The smallest true difference of two rates on different questions that the two-sample z-test finds with the given power.
 * Assumes independent questions and large samples.
 *
 * @throws UsageError naming the value that is out of range.
 * @see Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, chapter 4, without continuity
 * correction: δ = z_α·√(p̄q̄(1/n₁ + 1/n₂)) + z_β·√(p₁q₁/n₁ + p₂q₂/n₂), solved for δ.
 */
export function minimumDetectableEffectUnpaired(design: UnpairedDesign): UnpairedEffect {
  const { n1, n2, baseline } = design;
  requireCount("n1", n1, 1);
  requireCount("n2", n2, 1);
  requireInside("baseline", baseline);
  const [zAlpha, zBeta] = quantiles(design);
  const surplus = (effect: number, sign: number): number => {
    const other = baseline + sign * effect;
    const pooled = (n1 * baseline + n2 * other) / (n1 + n2);
    const underNull = Math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2));
    const underEffect = Math.sqrt((baseline * (1 - baseline)) / n1 + (other * (1 - other)) / n2);
    return effect - zAlpha * underNull - zBeta * underEffect;
  };
  return {
    increase: firstRoot((effect) => surplus(effect, 1), 1 - baseline),
    decrease: firstRoot((effect) => surplus(effect, -1), baseline),
  };
}

/** Where a function that is negative at 0 becomes positive, by bisection to the last digit; `null` if not by `limit`. */
function firstRoot(surplus: (effect: number) => number, limit: number): number | null {
  if (!(surplus(limit) >= 0)) return null;
  let [low, high] = [0, limit];
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    if (surplus(middle) >= 0) high = middle;
    else low = middle;
  }
  return high;
}

function quantiles({ alpha = 0.05, power = 0.8 }: PowerOptions): [zAlpha: number, zBeta: number] {
  requireInside("alpha", alpha);
  requireInside("power", power);
  if (power <= alpha) throw new UsageError(`power must be above alpha = ${alpha}, not ${power}`);
  return [-normalQuantile(alpha / 2), normalQuantile(power)];
}
