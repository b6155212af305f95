import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { regradeFile } from "./regrade-file.js";
import { summarizeRegrade } from "./summarize-regrade.js";

test("rates, kappa, disagreements by row, and stored verdicts that are not the grader's", async () => {
  const row = (index: number, text: string, answers: string[], recall: boolean) => ({
    question: `question ${index}`,
    ground_truth: answers,
    raw_prediction: text,
    extracted_prediction: text,
    recall,
  });
  const path = join(temporaryFolder(), "results.json");
  const rows = [
    row(0, "Paris", ["Paris"], true),
    row(1, "smart", ["art"], false), // right by substring only
    row(2, "Rome", ["Oslo"], true), // stored as right, which it is not
    row(3, "Lima", ["Lima"], true),
  ];
  writeFileSync(path, JSON.stringify(rows));
  const { graders, agreement, disagreements, storedOtherwise } = summarizeRegrade(await regradeFile(path));

  expect(graders.map(({ name, rule, metrics }) => [name, rule, metrics.recall?.successes])).toEqual([
    ["stored", "stored", 3],
    ["eval", "paper", 2],
    ["ex-recall", "paper", 2],
    ["rl-reward", "paper", 3],
    ["eval-repaired", "repaired", 2],
    ["ex-recall-repaired", "repaired", 2],
    ["rl-reward-repaired", "repaired", 2],
  ]);
  // Newcombe's Wilson interval of 2 in 4: centre 1/2, half width z / (2 sqrt(4 + z²)) with z = 1.95996.
  expect(graders[1]?.metrics.recall?.interval.lower).toBeCloseTo(
    0.5 - 1.959964 / (2 * Math.sqrt(4 + 1.959964 ** 2)),
    6,
  );
  expect(storedOtherwise).toEqual({ recall: [2] });

  const recall = agreement.filter(({ metric }) => metric === "recall");
  const of = (first: string, second: string) =>
    recall.find(({ graders: pair }) => pair[0] === first && pair[1] === second);
  expect(of("eval", "ex-recall")).toMatchObject({ numRows: 4, numDisagreements: 0, kappa: 1 });
  // eval ++-- in the order 0 3 1 2, rl-reward +++-: observed 3/4, expected 3/4 · 1/2 + 1/4 · 1/2 = 1/2.
  expect(of("eval", "rl-reward")).toMatchObject({ numDisagreements: 1, kappa: 0.5 });
  expect(disagreements.map(({ row: at, question, metric }) => [at, question, metric])).toEqual([
    [1, "question 1", "recall"],
    [2, "question 2", "recall"],
  ]);
  expect(disagreements[0]?.verdicts).toMatchObject({ stored: false, eval: false, "rl-reward": true });
});
