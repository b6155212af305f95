import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@pka/fault-kit";
import { describe, expect, test } from "vitest";
import { failing, judgeOf, refinedRows, refineOptions, writeSource } from "../__fixtures__/refine.js";
import { ResumeRefusedError } from "../errors.js";
import { readResultRows } from "../result/read-result-rows.js";
import { refine } from "./refine.js";

test("a failed request leaves a row with its error, apart from the misses, and is asked again", async () => {
  const sourcePath = writeSource(temporaryFolder(), ["Paris!", "Rome", "Paris?"]);
  const first = judgeOf((extracted) => (extracted === "Rome" ? failing() : "Paris"));
  const warnings: string[] = [];
  const logger = { info: () => undefined, warn: (message: string) => void warnings.push(message) };
  const report = await refine(refineOptions(sourcePath, first, { logger }));
  expect(report).toMatchObject({ status: "complete", summary: { refined: 2, errors: 1 } });
  expect(warnings).toEqual([expect.stringMatching(/^row 1 failed: the server is tired/)]);
  expect(Object.entries(refinedRows(report)[1]!)).toEqual([
    ["question", "question 1"],
    ["original_extracted", "Rome"],
    ["refined_answer", ""],
    ["ground_truth", ["Paris"]],
    ["recalled", false],
    ["error", "the server is tired"],
  ]);
  expect(report.summary.recall).toMatchObject({ successes: 2, rateOfAll: 2 / 3, rateOfCompleted: 1 });
  // The reader of result files takes such a row for one without a verdict.
  const { rows } = await readResultRows(report.resultPath);
  expect(rows.map(({ metrics }) => metrics.recall)).toEqual([true, undefined, true]);

  const second = judgeOf(() => "Rome");
  const again = await refine(refineOptions(sourcePath, second));
  expect(second.asked).toEqual(["Rome"]);
  expect(again).toMatchObject({ asked: 1, resumed: 2, summary: { refined: 3, errors: 0 } });
  expect(refinedRows(again)[1]).toMatchObject({ refined_answer: "Rome", skipped: false });
});

test("a third time, nothing is asked and the file is the same", async () => {
  const sourcePath = writeSource(temporaryFolder(), ["Paris!", "Rome", "Paris!"]);
  const { resultPath } = await refine(
    refineOptions(
      sourcePath,
      judgeOf((extracted) => extracted),
    ),
  );
  const before = readFileSync(resultPath);
  const idle = judgeOf(failing);
  const again = await refine(refineOptions(sourcePath, idle));
  expect(idle.asked).toEqual([]);
  expect(again).toMatchObject({ asked: 0, resumed: 3, summary: { reused: 0 } });
  expect(readFileSync(resultPath).equals(before)).toBe(true);
});

test("with reuse, a source that has grown or changed its order is only asked for what is new", async () => {
  const folder = temporaryFolder();
  await refine(
    refineOptions(
      writeSource(folder, ["a", "b"]),
      judgeOf((extracted) => extracted),
      { reuse: true },
    ),
  );
  const judge = judgeOf((extracted) => extracted);
  const report = await refine(refineOptions(writeSource(folder, ["b", "c", "a"]), judge, { reuse: true }));
  expect(judge.asked).toEqual(["c"]);
  expect(refinedRows(report).map((row) => row["refined_answer"])).toEqual(["b", "c", "a"]);
});

test("a changed row is refused by its number", async () => {
  const folder = temporaryFolder();
  await refine(
    refineOptions(
      writeSource(folder, ["a", "b"]),
      judgeOf(() => "x"),
    ),
  );
  const changed = writeSource(folder, ["a", "c"]);
  await expect(
    refine(
      refineOptions(
        changed,
        judgeOf(() => "x"),
      ),
    ),
  ).rejects.toThrow(/row row\/1/);
});

test("another judge is refused, with the difference named; overwrite keeps the old files", async () => {
  const folder = temporaryFolder();
  const sourcePath = writeSource(folder, ["a"]);
  await refine(
    refineOptions(
      sourcePath,
      judgeOf(() => "x"),
    ),
  );
  const other = judgeOf(() => "y", { id: "other" });
  await expect(refine(refineOptions(sourcePath, other))).rejects.toThrow(/judge: "canned" there, "other" now/);
  const report = await refine(refineOptions(sourcePath, other, { overwrite: true }));
  expect(refinedRows(report)[0]).toMatchObject({ refined_answer: "y" });
});

test("a refined file without a journal, such as the paper's, is not overwritten", async () => {
  const folder = temporaryFolder();
  const sourcePath = writeSource(folder, ["a"]);
  writeFileSync(join(folder, "ex_nq_x_no_cues.json"), "{}");
  await expect(
    refine(
      refineOptions(
        sourcePath,
        judgeOf(() => "x"),
      ),
    ),
  ).rejects.toThrow(ResumeRefusedError);
  expect(readFileSync(join(folder, "ex_nq_x_no_cues.json"), "utf8")).toBe("{}");
});

describe("start index", () => {
  test("rows before it are not asked, and say so", async () => {
    const sourcePath = writeSource(temporaryFolder(), ["a", "b", "c", "b"]);
    const judge = judgeOf(() => "Paris");
    const report = await refine(refineOptions(sourcePath, judge, { startIndex: 2 }));
    expect(judge.asked.toSorted()).toEqual(["b", "c"]);
    expect(refinedRows(report).map(({ error }) => error)).toEqual([
      "not asked yet",
      "not asked yet",
      undefined,
      undefined,
    ]);
    expect(report).toMatchObject({ status: "complete", summary: { refined: 2, notAsked: 2, errors: 0 } });

    const rest = judgeOf(() => "Paris");
    const whole = await refine(refineOptions(sourcePath, rest));
    expect(rest.asked.toSorted()).toEqual(["a", "b"]);
    expect(whole.summary).toMatchObject({ refined: 4, notAsked: 0 });
  });

  test("what is known of earlier rows stays", async () => {
    const sourcePath = writeSource(temporaryFolder(), ["a", "b"]);
    await refine(
      refineOptions(
        sourcePath,
        judgeOf((extracted) => (extracted === "a" ? "x" : failing())),
      ),
    );
    const report = await refine(
      refineOptions(
        sourcePath,
        judgeOf(() => "y"),
        { startIndex: 1 },
      ),
    );
    expect(refinedRows(report).map((row) => row["refined_answer"])).toEqual(["x", "y"]);
  });
});
