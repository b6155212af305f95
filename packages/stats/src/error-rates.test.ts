import { describe, expect, test, vi } from "vitest";
import { differencesOf } from "./__fixtures__/differences.js";
import {
  bootstrapDifference,
  type BootstrapMethod,
  clusterBootstrapDifference,
  clusterMcnemar,
  clusterMeanDifference,
  clusterPermutationTest,
  interaction,
  type Interval,
  mcnemar,
  minimumDetectableEffect,
  permutationTest,
} from "./index.js";
import { randomSource } from "./random.js";

// How often each test rejects at 0.05. All is seeded; the standard error of a rate of 0.05 is 0.0022 over 10,000
// replications and 0.0034 over 4,000, so that [0.04, 0.06] is 4.6 or 2.9 of them to either side.
const ALPHA = 0.05;

// Seconds of work, more on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

const isSignificant = (pValue: number | null): boolean => pValue !== null && pValue <= ALPHA;
const excludesZero = ({ lower, upper }: Interval): boolean => lower > 0 || upper < 0;

type Random = () => number;
type Rejects<Data> = (data: Data, replication: number) => boolean;

/** Share of simulated data sets on which each test rejects. */
function rejectionRates<Data, Name extends string>(
  { replications, seed, simulate }: { replications: number; seed: string; simulate: (random: Random) => Data },
  tests: Readonly<Record<Name, Rejects<Data>>>,
): Record<Name, number> {
  const random = randomSource(seed);
  const names = Object.keys(tests) as Name[];
  const rates = Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
  for (let replication = 0; replication < replications; replication++) {
    const data = simulate(random);
    for (const name of names) if (tests[name](data, replication)) rates[name] += 1 / replications;
  }
  return rates;
}

function expectLevel(rates: Readonly<Record<string, number>>): void {
  for (const [name, rate] of Object.entries(rates)) {
    expect(rate, name).toBeGreaterThanOrEqual(0.04);
    expect(rate, name).toBeLessThanOrEqual(0.06);
  }
}

/** +1, −1 or 0; the signs are equally likely. */
function verdictDifference(random: Random, discordance: number): number {
  const draw = random();
  return draw < discordance / 2 ? 1 : draw < discordance ? -1 : 0;
}

interface Counts {
  readonly firstOnly: number;
  readonly secondOnly: number;
}

/** Counts of +1 and −1 among `n` pairs without a true difference. */
function nullCounts(n: number, discordance: number): (random: Random) => Counts {
  return (random) => {
    const counts = { firstOnly: 0, secondOnly: 0 };
    for (let row = 0; row < n; row++) {
      const difference = verdictDifference(random, discordance);
      if (difference !== 0) counts[difference > 0 ? "firstOnly" : "secondOnly"]++;
    }
    return counts;
  };
}

function differencesIn(n: number, { firstOnly, secondOnly }: Counts): number[] {
  return differencesOf(firstOnly, secondOnly, n - firstOnly - secondOnly);
}

/** Many simulated tables are the same; a deterministic test need not be repeated on them. */
function oncePerTable(rejects: (counts: Counts) => boolean): Rejects<Counts> {
  const known = new Map<string, boolean>();
  return (counts) => {
    const table = `${counts.firstOnly} ${counts.secondOnly}`;
    const verdict = known.get(table) ?? rejects(counts);
    known.set(table, verdict);
    return verdict;
  };
}

describe("without a true difference, at α = 0.05", () => {
  test("200 pairs, 30 % discordant: mid-p keeps its level, exact and chi-squared stay below (10,000 replications)", () => {
    const setting = { replications: 10_000, seed: "mcnemar", simulate: nullCounts(200, 0.3) };
    const rates = rejectionRates(setting, {
      exact: (counts) => isSignificant(mcnemar(counts, { method: "exact" }).pValue),
      chiSquared: (counts) => isSignificant(mcnemar(counts, { method: "chi-squared" }).pValue),
      midP: (counts) => isSignificant(mcnemar(counts, { method: "mid-p" }).pValue),
    });
    expectLevel({ midP: rates.midP });
    expect(rates.exact).toBeLessThanOrEqual(ALPHA);
    expect(rates.chiSquared).toBeLessThanOrEqual(ALPHA);
  });

  test("2,000 pairs, 45 % discordant: the exact permutation test keeps it (4,000 replications)", () => {
    const setting = { replications: 4000, seed: "permutation", simulate: nullCounts(2000, 0.45) };
    expectLevel(
      rejectionRates(setting, {
        permutation: (counts) => isSignificant(permutationTest(differencesIn(2000, counts)).pValue),
      }),
    );
  });

  test("400 pairs, 45 % discordant: percentile and BCa bootstrap keep it (4,000 replications)", () => {
    const setting = { replications: 4000, seed: "bootstrap", simulate: nullCounts(400, 0.45) };
    const byBootstrap = (method: BootstrapMethod): Rejects<Counts> =>
      oncePerTable((counts) =>
        excludesZero(bootstrapDifference(differencesIn(400, counts), { resampling: "exact", method })),
      );
    expectLevel(rejectionRates(setting, { percentile: byBootstrap("percentile"), bca: byBootstrap("bca") }));
  });

  test("200 pairs with partial credit: Monte Carlo permutation and bootstrap of rows keep it (4,000 replications)", () => {
    const setting = {
      replications: 4000,
      seed: "partial credit",
      simulate: (random: Random) => Array.from({ length: 200 }, () => random() - random()),
    };
    expectLevel(
      rejectionRates(setting, {
        permutation: (differences, seed) =>
          isSignificant(permutationTest(differences, { resamples: 199, seed }).pValue),
        percentile: (differences, seed) => excludesZero(bootstrapDifference(differences, { resamples: 500, seed })),
      }),
    );
  });

  test("interactions keep it, independent and paired (4,000 replications)", () => {
    const draw = (random: Random, n: number) => ({
      differences: Array.from({ length: n }, () => verdictDifference(random, 0.4)),
    });
    const setting = {
      replications: 4000,
      seed: "interaction",
      simulate: (random: Random) => ({ first: draw(random, 200), second: draw(random, 200), third: draw(random, 120) }),
    };
    expectLevel(
      rejectionRates(setting, {
        independent: ({ first, third }) => isSignificant(interaction(first, third).pValue),
        paired: ({ first, second }) => isSignificant(interaction(first, second, { paired: true }).pValue),
      }),
    );
  });
});

/** 150 questions, 40 % of them asked two to four times; a repeat comes out like the first time nine times in ten. */
function repeatedQuestions(random: Random): { differences: number[]; clusters: number[] } {
  const data = { differences: [] as number[], clusters: [] as number[] };
  for (let question = 0; question < 150; question++) {
    const times = random() < 0.4 ? 2 + Math.floor(random() * 3) : 1;
    const usual = verdictDifference(random, 0.4);
    for (let time = 0; time < times; time++) {
      data.differences.push(time === 0 || random() < 0.9 ? usual : verdictDifference(random, 0.4));
      data.clusters.push(question);
    }
  }
  return data;
}

test("40 % repeated questions, no true difference: clustered tests keep their level, row-wise ones do not (4,000 replications)", () => {
  const setting = { replications: 4000, seed: "repeated questions", simulate: repeatedQuestions };
  const { rowMcnemar, rowBootstrap, rowPermutation, ...clustered } = rejectionRates(setting, {
    mcnemar: ({ differences, clusters }) => isSignificant(clusterMcnemar(differences, clusters).pValue),
    mean: ({ differences, clusters }) => excludesZero(clusterMeanDifference(differences, clusters)),
    permutation: ({ differences, clusters }) => isSignificant(clusterPermutationTest(differences, clusters).pValue),
    bootstrap: ({ differences, clusters }, seed) =>
      excludesZero(clusterBootstrapDifference(differences, clusters, { resamples: 400, seed })),
    rowMcnemar: ({ differences }) => {
      const firstOnly = differences.filter((difference) => difference > 0).length;
      const secondOnly = differences.filter((difference) => difference < 0).length;
      return isSignificant(mcnemar({ firstOnly, secondOnly }, { method: "mid-p" }).pValue);
    },
    rowPermutation: ({ differences }) => isSignificant(permutationTest(differences).pValue),
    rowBootstrap: ({ differences }) => excludesZero(bootstrapDifference(differences, { resampling: "exact" })),
  });
  expectLevel(clustered);
  for (const rate of [rowMcnemar, rowBootstrap, rowPermutation]) expect(rate).toBeGreaterThan(0.12);
});

test("a true difference of the minimum detectable size is found as often as asked for (4,000 replications)", () => {
  const [n, discordance, power] = [1000, 0.2, 0.8];
  const effect = minimumDetectableEffect({ n, discordance, power })!;
  const own = Array.from({ length: n }, (_, row) => row);
  const simulate = (random: Random): number[] =>
    own.map(() => {
      const draw = random();
      return draw < (discordance + effect) / 2 ? 1 : draw < discordance ? -1 : 0;
    });
  const { found } = rejectionRates(
    { replications: 4000, seed: "power", simulate },
    {
      found: (differences: readonly number[]) => isSignificant(clusterMcnemar(differences, own).pValue),
    },
  );
  // Four standard errors of 0.0063.
  expect(Math.abs(found - power)).toBeLessThan(0.025);
});
