import { join } from "node:path";
import { HAS_SHARED } from "@pka/fault-kit";
import { type MathVerification, verifyMath } from "@pka/grading/math-verify";
import { beforeAll, describe, expect, test } from "vitest";
import { DIFFERENT_REWRITINGS } from "../../packages/grading/src/math-verify/__fixtures__/different-rewritings.js";
import {
  EQUIVALENT_REWRITINGS,
  type Rewriting,
} from "../../packages/grading/src/math-verify/__fixtures__/equivalent-rewritings.js";
import { mathAnswers } from "../../packages/grading/src/math-verify/__fixtures__/math-answers.js";
import { Random } from "@pka/core";
import { python } from "../python.js";
import { runOrThrow } from "../run.js";
import { JUDGED_PAIRS } from "./judged-pairs.js";

interface Case {
  readonly kind: string;
  readonly prediction: string;
  readonly gold: string;
  /** By hand, or because it was written so. */
  readonly isSame: boolean;
  readonly ours: MathVerification["verdict"];
  /** `null`: math-verify failed. */
  readonly theirs: boolean | null;
}

/** Pairs of each kind of rewriting. */
const PER_KIND = 12;

const interpreter = python();
const why = interpreter === null ? " (skipped: no Python environment)" : "";

describe.skipIf(interpreter === null)(`verifyMath beside Python's math-verify${why}`, () => {
  let cases: readonly Case[] = [];

  beforeAll(async () => {
    const pairs = [
      ...JUDGED_PAIRS.map(([prediction, gold, isSame]) => ({ kind: "judged by hand", prediction, gold, isSame })),
      ...(await rewrittenPairs()),
    ];
    const input = JSON.stringify(pairs.map(({ prediction, gold }) => [prediction, gold]));
    const { stdout } = await runOrThrow(interpreter!, [join(import.meta.dirname, "verify.py")], {
      input,
      timeoutMs: 170_000,
    });
    const verdicts = JSON.parse(stdout) as (boolean | null)[];
    expect(verdicts).toHaveLength(pairs.length);
    cases = pairs.map((pair, at) => {
      return { ...pair, ours: verifyMath(pair.prediction, pair.gold).verdict, theirs: verdicts[at]! };
    });
  });

  test("never accepts what is not the same, and misses little of what is", () => {
    expect(cases.filter(({ isSame, ours }) => !isSame && ours === "equivalent")).toEqual([]);
    expect(cases.filter(({ isSame, ours }) => isSame && ours === "different")).toEqual([]);
    const same = cases.filter(({ isSame }) => isSame);
    expect(same.filter(({ ours }) => ours === "equivalent").length / same.length).toBeGreaterThanOrEqual(0.97);
  });

  test("agrees with math-verify on nine of ten pairs; where not, the list says how", () => {
    const differing = cases.filter(({ ours, theirs }) => (ours === "equivalent") !== (theirs === true));
    for (const { kind, prediction, gold, isSame, ours, theirs } of differing) {
      const truth = isSame ? "same" : "other";
      console.log(
        `${kind} [${truth}]: ${JSON.stringify(prediction)} for ${JSON.stringify(gold)}: ${ours}, math-verify ${theirs}`,
      );
    }
    const right = (isAccepted: (one: Case) => boolean) => cases.filter((one) => isAccepted(one) === one.isSame).length;
    const [ours, theirs] = [right((one) => one.ours === "equivalent"), right((one) => one.theirs === true)];
    console.log(`${cases.length} pairs, ${differing.length} differ; right: verifyMath ${ours}, math-verify ${theirs}`);
    expect(1 - differing.length / cases.length).toBeGreaterThanOrEqual(0.85);
    // The peer must have worked for the comparison to mean anything.
    expect(theirs / cases.length).toBeGreaterThanOrEqual(0.8);
  });
});

/** The same number of pairs of every kind, from all of MATH; none where its answers are not at hand. */
async function rewrittenPairs(): Promise<Omit<Case, "ours" | "theirs">[]> {
  if (!HAS_SHARED) {
    console.log("PKA_SHARED not found: only the pairs judged by hand are compared");
    return [];
  }
  const random = new Random(5);
  const answers = random.shuffle(await mathAnswers());
  const pairsOf = (kind: string, rewriting: Rewriting, isSame: boolean) => {
    const pairs: Omit<Case, "ours" | "theirs">[] = [];
    for (const gold of answers) {
      const prediction = rewriting(gold, random);
      if (prediction === undefined || prediction.trim() === gold.trim()) continue;
      pairs.push({ kind, prediction, gold, isSame });
      if (pairs.length === PER_KIND) break;
    }
    return pairs;
  };
  return [
    ...Object.entries(EQUIVALENT_REWRITINGS).flatMap(([kind, rewriting]) => pairsOf(kind, rewriting, true)),
    ...Object.entries(DIFFERENT_REWRITINGS).flatMap(([kind, rewriting]) => pairsOf(kind, rewriting, false)),
  ];
}
