import { expect, test } from "vitest";
import { COMPUTABLE, GENERATED, readCommitted } from "./generated-texts.js";

for (const text of GENERATED) {
  const { file, compute } = text;
  const isHere = COMPUTABLE.includes(text);
  test.skipIf(!isHere)(`${file} is what is computed${isHere ? "" : " (skipped: PKA_SHARED not found)"}`, async () => {
    expect(readCommitted(file)).toBe(await compute());
  });
}

test("every figure that can be recomputed from the paper's files is the published one", () => {
  const rows = readCommitted("results/paper-figures.md")
    .split("\n")
    .filter((line) => /\| (yes|no|–) +\|$/.test(line));
  const verdicts = rows.map((line) => line.split("|").at(-2)!.trim());
  // Four base files with three figures each, five files of refined answers with one.
  expect(verdicts.filter((verdict) => verdict === "yes")).toHaveLength(17);
  expect(verdicts).not.toContain("no");
});
