import { join } from "node:path";
import { supervisedDatum } from "@pka/renderers";
import { addKlPenalty, klEstimates, type Trajectory, trajectoryDatums } from "@pka/train-rl";
import { meanNll } from "@pka/train-sft";
import { beforeAll, describe, expect, test } from "vitest";
import { ONE_THREAD, python } from "../python.js";
import { runOrThrow } from "../run.js";

interface CookbookDatum {
  readonly tokens: readonly number[];
  readonly target_tokens: readonly number[];
  readonly weights: readonly number[];
  readonly logprobs: readonly number[];
  readonly advantages: readonly number[];
  readonly mask: readonly number[];
}

/** What cookbook.py writes. */
interface Batches {
  readonly rl: readonly {
    readonly groups: readonly {
      readonly prompt: readonly number[];
      readonly rollouts: readonly {
        readonly tokens: readonly number[];
        readonly logprobs: readonly number[];
        readonly reward: number;
        readonly reference: readonly number[];
      }[];
    }[];
    readonly coef: number;
    readonly discount: number;
    readonly trained: readonly (readonly number[])[];
    readonly datums: readonly CookbookDatum[];
    readonly penalized: readonly (readonly number[])[];
    readonly kl_policy_base: number;
    readonly kl_sample_train: Readonly<Record<string, number>>;
  }[];
  readonly sft: readonly {
    readonly tokens: readonly (readonly number[])[];
    readonly weights: readonly (readonly number[])[];
    readonly max_length: number | null;
    readonly datums: readonly CookbookDatum[];
    readonly logprobs: readonly (readonly number[])[];
    readonly mean_nll: number | null;
  }[];
}

const interpreter = python();

describe.skipIf(interpreter === null)(
  `tinker-cookbook${interpreter === null ? " (skipped: no Python environment)" : ""}`,
  () => {
    let batches: Batches;

    beforeAll(async () => {
      const { stdout } = await runOrThrow(interpreter!, [join(import.meta.dirname, "cookbook.py")], {
        env: ONE_THREAD,
        timeoutMs: 240_000,
      });
      batches = JSON.parse(stdout) as Batches;
    }, 250_000);

    test("50 batches of rollouts: the same datums and advantages", () => {
      expect(batches.rl).toHaveLength(50);
      for (const { groups, datums } of batches.rl) {
        const ours = trajectoryDatums(groups.map(toGroup));
        expect(ours.map(({ tokens }) => tokens)).toEqual(datums.map(({ tokens }) => tokens));
        expect(ours.map(({ targetTokens }) => targetTokens)).toEqual(datums.map((datum) => datum.target_tokens));
        for (const field of ["logprobs", "advantages", "mask"] as const) {
          expectClose(
            ours.map((datum) => datum[field]),
            datums.map((datum) => datum[field]),
            1e-6,
          );
        }
      }
    });

    test("50 batches of rollouts: the same KL penalty and KL estimates", () => {
      for (const batch of batches.rl) {
        const datums = trajectoryDatums(batch.groups.map(toGroup));
        const reference = batch.groups.flatMap(({ rollouts }) => rollouts.map((rollout) => rollout.reference));
        const settings = { klPenaltyCoef: batch.coef, klDiscountFactor: batch.discount };
        const { datums: penalized, klPolicyBase } = addKlPenalty(datums, reference, settings);
        expect(Math.abs(klPolicyBase - batch.kl_policy_base)).toBeLessThan(1e-5);
        expectClose(
          penalized.map(({ advantages }) => advantages),
          batch.penalized,
          2e-5,
        );
        const { v1, v2, entropy } = klEstimates(datums, batch.trained);
        const theirs = batch.kl_sample_train;
        expectClose(
          [[v1, v2, entropy]],
          [[theirs["optim/kl_sample_train_v1"]!, theirs["optim/kl_sample_train_v2"]!, theirs["optim/entropy"]!]],
          1e-5,
        );
      }
    });

    test("50 batches of supervised rows: the same datums and mean NLL", () => {
      expect(batches.sft).toHaveLength(50);
      for (const { tokens, weights, max_length: maxLength, datums, logprobs, mean_nll: expected } of batches.sft) {
        const ours = tokens.map((row, i) =>
          supervisedDatum({ tokens: row, weights: weights[i]! }, maxLength === null ? {} : { maxLength }),
        );
        expect(ours.map((datum) => [datum.tokens, datum.targetTokens, Array.from(datum.weights!)])).toEqual(
          datums.map((datum) => [datum.tokens, datum.target_tokens, datum.weights]),
        );
        const nll = meanNll(
          logprobs,
          ours.map((datum) => datum.weights!),
        );
        if (expected === null) expect(nll).toBeNaN();
        else expect(Math.abs(nll - expected)).toBeLessThan(1e-5);
      }
    });
  },
);

function toGroup({ prompt, rollouts }: Batches["rl"][number]["groups"][number]) {
  const about = { prompt, text: "", metrics: {}, summary: "" };
  const trajectories = rollouts.map(({ tokens, logprobs, reward }): Trajectory => ({
    ...about,
    tokens,
    logprobs,
    reward,
  }));
  return { problem: { question: "", answers: [] }, trajectories };
}

function expectClose(
  ours: readonly ArrayLike<number>[],
  theirs: readonly ArrayLike<number>[],
  tolerance: number,
): void {
  expect(ours.map((row) => row.length)).toEqual(theirs.map((row) => row.length));
  for (const [d, row] of ours.entries()) {
    for (let t = 0; t < row.length; t++) expect(Math.abs(row[t]! - theirs[d]![t]!)).toBeLessThan(tolerance);
  }
}
