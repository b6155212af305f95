import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { HAS_SHARED, SHARED, SKIPPED, temporaryFolder } from "@pka/fault-kit";
import { describe, expect, test } from "vitest";
import { PAPER_TRACES } from "../__fixtures__/paper-traces.js";
import { NotComparableError } from "../compare/errors.js";
import { compareGraders, conclusionSentence } from "./compare-graders.js";
import { regradeFile } from "./regrade-file.js";

/** Regraded answers to questions whose accepted answer is `art`. */
function answersOf(name: string, answers: readonly string[]) {
  const path = join(temporaryFolder(), `${name}.json`);
  const rows = answers.map((raw_prediction, index) => ({
    question: `q${index}`,
    ground_truth: ["art"],
    raw_prediction,
  }));
  writeFileSync(path, JSON.stringify(rows));
  return regradeFile(path);
}

const repeat = (text: string, times: number) => Array.from({ length: times }, () => text);

test("a conclusion that hangs on the grader is said to", async () => {
  // Substrings make A right on all questions; by whole words neither file is ever right.
  const first = await answersOf("a", repeat("smart", 12));
  const second = await answersOf("b", repeat("dull", 12));
  const { graders, conclusions } = compareGraders(first, second);
  const reward = graders.find(({ grader }) => grader === "rl-reward")?.metrics[0];
  expect(reward).toMatchObject({ metric: "recall", difference: 1, table: { firstOnly: 12, secondOnly: 0 } });
  expect(reward?.mcnemar.pValue).toBeCloseTo(2 / 2 ** 12, 15);
  const recall = conclusions.find(({ metric }) => metric === "recall");
  expect(recall).toMatchObject({ dependsOnGrader: true, firstBetter: ["rl-reward"], secondBetter: [] });
  expect(conclusionSentence(recall!, ["A", "B"])).toBe(
    "The conclusion on recall depends on the grader: A is better under rl-reward; no significant difference under eval, ex-recall, eval-repaired, ex-recall-repaired, rl-reward-repaired.",
  );
});

test("a conclusion that every grader shares is said to, in either direction", async () => {
  const first = await answersOf("a", repeat("nothing", 12));
  const second = await answersOf("b", repeat("art", 12));
  const { conclusions } = compareGraders(first, second);
  expect(conclusions.map((one) => conclusionSentence(one, ["A", "B"]))).toEqual([
    "The conclusion on recall does not depend on the grader: B is better under all 6 graders.",
    "The conclusion on exact match does not depend on the grader: B is better under all 4 graders.",
  ]);
});

test("files of two tasks, or about other questions, are refused", async () => {
  const first = await answersOf("a", ["art"]);
  const path = join(temporaryFolder(), "math.json");
  writeFileSync(
    path,
    JSON.stringify([{ problem: "p", solution: "\\boxed{1}", raw_prediction: "\\boxed{1}", correct: true }]),
  );
  const math = await regradeFile(path);
  expect(() => compareGraders(first, math)).toThrow(NotComparableError);
  expect(() => compareGraders(first, math)).toThrow(/different datasets/);
});

describe.skipIf(!HAS_SHARED)(`published files${SKIPPED}`, () => {
  test("gpt-5.2 against gpt-oss-20b on NQ: the paper's numbers under the paper's grader, one conclusion under all", async () => {
    const [first, second] = await Promise.all(PAPER_TRACES.slice(0, 2).map((path) => regradeFile(`${SHARED}/${path}`)));
    const { graders, conclusions, pairing } = compareGraders(first!, second!);
    expect(pairing.numPairs).toBe(3610);
    // b and c of vectors/mcnemar.json.
    expect(graders[0]?.metrics[0]?.table).toMatchObject({ firstOnly: 1280, secondOnly: 112 });
    expect(conclusions.map(({ dependsOnGrader }) => dependsOnGrader)).toEqual([false, false]);
  });
});
