import { readFileSync } from "node:fs";
import type { Model } from "@pka/core";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { completion, modelOf, optionsOf, qaExamples } from "./__fixtures__/run.js";
import { ResumeRefusedError } from "./errors.js";
import { evaluate } from "./evaluate.js";
import { refine } from "./refine/refine.js";

/** A model that says in its answers which date it was asked under, and takes a recorded one over unless `isFixed`. */
function datedModel(date: string, { isFixed = false, prompt = "v1" } = {}): Model {
  return modelOf(() => completion(`<answer>${date}</answer>`), {
    settings: { prompt, date },
    ...(!isFixed && { asRecorded: async (recorded) => datedModel(String(recorded["date"]), { prompt }) }),
  });
}

const answersOf = ({ resultPath }: { resultPath: string }): string[] =>
  JSON.parse(readFileSync(resultPath, "utf8")).results.map(
    (row: Record<string, string>) => row["extracted_prediction"],
  );

test("a run that is continued another day is asked under the date it was begun with", async () => {
  const folder = temporaryFolder();
  await evaluate(optionsOf(folder, qaExamples(1), datedModel("2026-01-01")));
  const said: string[] = [];
  const logger = {
    info: (message: string) => void said.push(message),
    warn: (message: string) => void said.push(message),
  };
  const report = await evaluate(optionsOf(folder, qaExamples(3), datedModel("2026-01-02"), { logger }));
  expect(answersOf(report)).toEqual(["2026-01-01", "2026-01-01", "2026-01-01"]);
  expect(said.join("\n")).toContain("goes on as it was begun: date 2026-01-01");
});

test("a date that was asked for is refused where the run has another, and named", async () => {
  const folder = temporaryFolder();
  await evaluate(optionsOf(folder, qaExamples(1), datedModel("2026-01-01")));
  const asked = evaluate(optionsOf(folder, qaExamples(3), datedModel("2026-01-02", { isFixed: true })));
  await expect(asked).rejects.toThrow(/settings\.date: "2026-01-01" there, "2026-01-02" now/);
});

test("everything else that differs is still refused", async () => {
  const folder = temporaryFolder();
  await evaluate(optionsOf(folder, qaExamples(1), datedModel("2026-01-01")));
  const other = evaluate(optionsOf(folder, qaExamples(1), datedModel("2026-01-02", { prompt: "v2" })));
  const error = await other.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ResumeRefusedError);
  expect((error as ResumeRefusedError).differences.map(({ field }) => field)).toEqual(["settings.prompt"]);
});

test("starting anew takes nothing over", async () => {
  const folder = temporaryFolder();
  await evaluate(optionsOf(folder, qaExamples(1), datedModel("2026-01-01")));
  const report = await evaluate(optionsOf(folder, qaExamples(1), datedModel("2026-01-02"), { overwrite: true }));
  expect(answersOf(report)).toEqual(["2026-01-02"]);
});

test("a refinement is continued in the same way", async () => {
  const folder = temporaryFolder();
  const { resultPath: sourcePath } = await evaluate(optionsOf(folder, qaExamples(2), datedModel("2026-01-01")));
  const how = { sourcePath, thinking: true, sampling: { temperature: 1, topP: 1 } };
  await refine({ ...how, model: datedModel("2026-02-01"), startIndex: 1 });
  const { resultPath } = await refine({ ...how, model: datedModel("2026-02-02") });
  const { results } = JSON.parse(readFileSync(resultPath, "utf8"));
  expect(JSON.stringify(results)).toContain("2026-02-01");
  expect(JSON.stringify(results)).not.toContain("2026-02-02");
});
