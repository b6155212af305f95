import { FAULTS } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { runThroughFaults } from "../testing/faulty-run.js";

test("ten runs through faults end where the one without ends, to the bit", { timeout: 240_000 }, async () => {
  const { outcome: expected, met: none } = await runThroughFaults(0, 0);
  expect(new Set(Object.values(none))).toEqual(new Set([0]));
  // The second model went on from the middle of the first one, with the same data.
  expect(expected.losses.slice(4)).toEqual(expected.losses.slice(2, 4));
  expect(expected.files["weights/resumed.safetensors"]).toBe(expected.files["weights/final.safetensors"]);
  expect(expected.checkpoints).toEqual(["weights/final", "sampler_weights/final", "weights/resumed"]);
  expect(expected.numTrainingRuns).toBe(2);

  const seeds = Array.from({ length: 10 }, (_, seed) => seed);
  // Side by side, since they mostly wait.
  const runs = await Promise.all(seeds.map(async (seed) => ({ seed, ...(await runThroughFaults(seed)) })));
  for (const { seed, outcome } of runs) expect(outcome, `seed ${seed}`).toEqual(expected);
  for (const fault of FAULTS)
    expect(
      runs.reduce((sum, { met }) => sum + met[fault], 0),
      fault,
    ).toBeGreaterThan(0);
});
