import { expect, test } from "vitest";
import type { EmbeddedTexts } from "../embedded-format.js";
import { countVerdicts, type FilterableRun, filterRows, type RowFilter } from "./filter-rows.js";

/** `+` right, `-` wrong, `?` no verdict, by metric 0; row k is question k of `abc…`. */
function run(verdicts: string, texts: readonly (EmbeddedTexts | undefined)[] = []): FilterableRun {
  const numbers = verdicts.split("").map((_, i) => i);
  return {
    index: { question: numbers, outcome: numbers.map((i) => i % 2), verdicts: [], tokens: [] },
    question: (row) => [`Question ${"abcdef"[row]}`, ["Gold"]],
    texts: (row) => texts[row],
    rowOf: (question) => (question < verdicts.length ? question : undefined),
    isRight: (row) => ({ "+": true, "-": false })[verdicts[row]!],
  };
}

const ANY: RowFilter = { outcome: -1, verdict: "any", metric: 0, text: "" };

test.each([
  ["any", [0, 1, 2, 3, 4]],
  ["right", [0, 1]],
  ["wrong", [2, 3]],
  ["none", [4]],
  ["right-wrong", [1]],
  ["wrong-right", [2]],
  ["right-right", [0]],
  ["wrong-wrong", [3]],
] as const)("verdict %s", (verdict, expected) => {
  const [here, there] = [run("++--?"), run("+-+-")];
  expect(filterRows(here, there, { ...ANY, verdict })).toEqual(expected);
  expect(countVerdicts(here, there, 0)[verdict]).toBe(expected.length);
});

test("a row that the other run does not have has not flipped", () => {
  expect(filterRows(run("+++"), run("-"), { ...ANY, verdict: "right-wrong" })).toEqual([0]);
  expect(filterRows(run("+++"), null, { ...ANY, verdict: "right-wrong" })).toEqual([]);
});

test("outcome", () => {
  expect(filterRows(run("+++"), null, { ...ANY, outcome: 1 })).toEqual([1]);
});

test.each([
  ["question C", [2]],
  ["gold", [0, 1, 2]],
  [" THOUGHT ", [0]],
  ["refined", [1]],
  ["extracted", [0, 1]],
  ["__proto__", []],
])("text %j is sought in any case in everything of a row", (text, expected) => {
  const texts: EmbeddedTexts[] = [
    ["a thought", "answer", "extracted", 0],
    [null, "answer", "extracted", "refined"],
  ];
  expect(filterRows(run("+++", texts), null, { ...ANY, text })).toEqual(expected);
});
