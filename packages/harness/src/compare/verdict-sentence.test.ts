import { expect, test } from "vitest";
import { recallsOf, resultsOf } from "../__fixtures__/results.js";
import { compareResults } from "./compare-results.js";
import { formatPValue, verdictSentence } from "./verdict-sentence.js";

function sentence(first: string, second: string): string {
  const { metrics } = compareResults(recallsOf("a", first), recallsOf("b", second));
  return verdictSentence(metrics[0]!, { alpha: 0.05, labels: ["A", "B"] });
}

test("a significant difference names the better one first", () => {
  expect(sentence("-".repeat(20), `${"+".repeat(12)}${"-".repeat(8)}`)).toMatch(
    /^B has the higher recall, 60\.0 % against 0\.0 %, significant at 0\.05 \(p = 4\.9e-4, 95 % interval of A - B -\d+\.\d to -\d+\.\d points\)\.$/,
  );
});

test("a difference that is not significant says so, with both rates", () => {
  expect(sentence("+-+-+-", "-++-++")).toMatch(
    /^No significant difference in recall at 0\.05: 50\.0 % for A, 66\.7 % for B \(p = 1\.000, /,
  );
});

test("no difference at all", () => {
  expect(sentence("+-", "+-")).toBe("A and B do not differ in recall: the same verdict on each of the 2 pairs.");
});

test("test and interval that disagree are called a borderline case", () => {
  // 5 to 0: exact p = 0.0625, while no resample without a single one of the five is likely.
  expect(sentence("+++++", "-----")).toContain(
    "Test and interval disagree (the interval excludes 0): a borderline case.",
  );
});

test("repeated questions are counted together", () => {
  const rows = (recall: boolean) =>
    Array.from({ length: 8 }, (_, i) => ({ question: `q${i % 2}`, metrics: { recall } }));
  const { metrics } = compareResults(resultsOf("a", rows(true)), resultsOf("b", rows(false)));
  expect(verdictSentence(metrics[0]!, { alpha: 0.05, labels: ["A", "B"] })).toMatch(
    /^No significant difference.*p = 0\.500, rows of a question counted together/,
  );
});

test.each([
  [1, "p = 1.000"],
  [0.0411, "p = 0.041"],
  [0.001, "p = 0.001"],
  [9.04e-215, "p = 9.0e-215"],
  [0, "p < 1e-300"],
])("%d is written %s", (pValue, expected) => {
  expect(formatPValue(pValue)).toBe(expected);
});
