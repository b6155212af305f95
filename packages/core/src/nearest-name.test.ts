import { expect, test } from "vitest";
import { nearestName } from "./nearest-name.js";

const DATASETS = ["triviaqa", "nq", "hotpotqa", "simpleqa", "strategyqa", "math"];

test.each([
  { name: "a missing letter", typed: "trivaqa", expected: "triviaqa" },
  { name: "a swapped pair", typed: "mtah", expected: "math" },
  { name: "other case", typed: "SimpleQA", expected: "simpleqa" },
  { name: "an ending too many", typed: "hotpotqa2", expected: "hotpotqa" },
  { name: "the name itself", typed: "nq", expected: "nq" },
  { name: "half of a short name", typed: "nx", expected: "nq" },
  { name: "something else altogether", typed: "wikipedia", expected: undefined },
  { name: "nothing", typed: "", expected: undefined },
])("nearestName: $name -> $expected", ({ typed, expected }) => {
  expect(nearestName(typed, DATASETS)).toBe(expected);
});

test("nearestName: of equally near names the first is taken", () => {
  expect(nearestName("cat", ["bat", "hat"])).toBe("bat");
});

test("nearestName: no candidates, no suggestion", () => {
  expect(nearestName("nq", [])).toBeUndefined();
});
