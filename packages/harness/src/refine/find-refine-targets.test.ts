import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { UsageError } from "@pka/core";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { writeSource } from "../__fixtures__/refine.js";
import { findRefineTargets } from "./find-refine-targets.js";

/** A results folder with a file of every kind in it. */
function resultsFolder(): string {
  const folder = temporaryFolder();
  for (const name of ["NQ/gpt-5.2", "MATH", "TriviaQA", ".cache"]) mkdirSync(join(folder, name), { recursive: true });
  writeSource(folder, ["a"], "NQ/gpt-5.2/nq_gpt52_no_cues.json");
  writeSource(folder, ["a"], "NQ/gpt-5.2/ex_nq_gpt52_no_cues.json");
  writeSource(folder, ["a"], "TriviaQA/triviaqa_gpt52_no_cues.json");
  writeSource(folder, ["a"], ".cache/nq_hidden.json");
  writeSource(folder, [], "TriviaQA/triviaqa_empty.json");
  writeFileSync(join(folder, "TriviaQA", "triviaqa_gpt52_no_cues.jsonl"), "{}\n");
  writeFileSync(join(folder, "MATH", "math_gpt52_no_cues.json"), '{"results":[{"problem":"1+1","correct":true}]}');
  writeFileSync(join(folder, "thinking_stats.json"), '{"a.json":{"total_samples":3}}');
  writeFileSync(join(folder, "broken.json"), '{"results":');
  return folder;
}

test("all: below the folder, without ex_ files; MATH and what is no result are skipped aloud", async () => {
  const resultsDir = resultsFolder();
  const warnings: string[] = [];
  const logger = { info: () => undefined, warn: (message: string) => void warnings.push(message) };
  const targets = await findRefineTargets({ all: true, resultsDir, logger });
  const names = ["NQ/gpt-5.2/nq_gpt52_no_cues.json", "TriviaQA/triviaqa_gpt52_no_cues.json"];
  expect(targets.map((path) => relative(resultsDir, path).replaceAll("\\", "/"))).toEqual(names);
  expect(
    warnings.map((message) => relative(resultsDir, message.slice("skipped ".length)).replaceAll("\\", "/")),
  ).toEqual([
    expect.stringMatching(/^MATH\/math_gpt52_no_cues\.json: a MATH result/),
    expect.stringMatching(/^TriviaQA\/triviaqa_empty\.json: it holds no rows/),
    expect.stringMatching(/^broken\.json: not a QA result/),
    expect.stringMatching(/^thinking_stats\.json: not a QA result/),
  ]);
});

test("files: as they are or within the results folder, each once", async () => {
  const resultsDir = resultsFolder();
  const inFolder = join("TriviaQA", "triviaqa_gpt52_no_cues.json");
  const asIs = join(resultsDir, "NQ", "gpt-5.2", "nq_gpt52_no_cues.json");
  const targets = await findRefineTargets({ targetFiles: [asIs, inFolder, asIs], resultsDir });
  expect(targets).toEqual([asIs, join(resultsDir, inFolder)]);
});

test.each([
  { name: "neither", more: {}, says: /one of the two/ },
  { name: "both", more: { all: true, targetFiles: ["x"] }, says: /one of the two/ },
  {
    name: "a missing file",
    more: { targetFiles: ["nq_missing.json"] },
    says: /nq_missing\.json: there is no such file/,
  },
  { name: "an ex_ file", more: { targetFiles: ["NQ/gpt-5.2/ex_nq_gpt52_no_cues.json"] }, says: /refined already/ },
  { name: "a MATH file", more: { targetFiles: ["MATH/math_gpt52_no_cues.json"] }, says: /a MATH result/ },
  { name: "a folder", more: { targetFiles: ["NQ"] }, says: /is a folder/ },
])("$name: a usage error that says so", async ({ more, says }) => {
  const found = findRefineTargets({ resultsDir: resultsFolder(), ...more });
  await expect(found).rejects.toThrow(says);
  await expect(found).rejects.toThrow(UsageError);
});

test("two sources of one refined file are refused by name", async () => {
  const resultsDir = resultsFolder();
  writeSource(resultsDir, ["b"], "nq_gpt52_no_cues.json");
  const beside = await findRefineTargets({ all: true, resultsDir });
  expect(beside).toHaveLength(3);
  const together = findRefineTargets({ all: true, resultsDir, outputDir: join(resultsDir, "out") });
  await expect(together).rejects.toThrow(/nq_gpt52_no_cues\.json and .*nq_gpt52_no_cues\.json would both/);
});

test("a folder without results, or none at all", async () => {
  await expect(findRefineTargets({ all: true, resultsDir: temporaryFolder() })).rejects.toThrow(/nothing to refine/);
  const missing = join(temporaryFolder(), "none");
  await expect(findRefineTargets({ all: true, resultsDir: missing })).rejects.toThrow(/no such folder/);
});
