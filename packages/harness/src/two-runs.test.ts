import { EventEmitter, once } from "node:events";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { answeringModel, collect, completion, modelOf, optionsOf, qaExamples } from "./__fixtures__/run.js";
import { ResumeRefusedError } from "./errors.js";
import { evaluate } from "./evaluate.js";
import { encodeLine } from "./journal/line.js";
import { readJournal } from "./journal/read.js";
import type { HeaderRecord } from "./journal/record.js";

test("a second run on the same output is refused by the process of the first, which comes to its end undisturbed", async () => {
  const events = new EventEmitter();
  const isAsking = once(events, "asking");
  const mayAnswer = once(events, "answer");
  const waiting = modelOf(async ({ question }) => {
    events.emit("asking");
    await mayAnswer;
    return completion(`<answer>${question.replace("question", "answer")}</answer>`);
  });
  const options = optionsOf(temporaryFolder(), qaExamples(30), waiting, { concurrency: 4 });
  const first = evaluate(options);
  await isAsking;

  const model = answeringModel();
  const locked = { code: "journal_locked", pid: process.pid };
  await expect(evaluate({ ...options, model })).rejects.toMatchObject(locked);
  await expect(evaluate({ ...options, model, overwrite: true })).rejects.toMatchObject(locked);
  expect(model.asked).toEqual([]);

  events.emit("answer");
  const { journalPath, ...report } = await first;
  expect(report).toMatchObject({ status: "complete", asked: 30 });
  expect((await collect(readJournal(journalPath))).filter(({ type }) => type === "attempt")).toHaveLength(30);
});

test("a journal that was graded by another version is not continued", async () => {
  const options = optionsOf(temporaryFolder(), qaExamples(3), answeringModel());
  const { journalPath } = await evaluate(options);
  const [, ...attempts] = readFileSync(journalPath, "utf8").split("\n");
  const { value } = await readJournal(journalPath).next();
  const header = value as HeaderRecord;
  const older = { ...header, condition: { ...header.condition, grading: 0 }, conditionHash: "0".repeat(16) };
  writeFileSync(journalPath, Buffer.concat([encodeLine(older), Buffer.from(attempts.join("\n"))]));
  await expect(evaluate(options)).rejects.toThrow(ResumeRefusedError);
  await expect(evaluate(options)).rejects.toThrow("grading: 0 there, 1 now");
});

test("runs whose names differ in case only are not mixed where a disk takes their files for one", async () => {
  const optionsFor = (name: string, model = answeringModel()) => ({
    ...optionsOf(temporaryFolder(), qaExamples(3), model),
    checkpoint: { uri: "tinker://run/weights/1", name },
  });
  const upper = await evaluate(optionsFor("Step-A"));
  const model = answeringModel();
  const lower = optionsFor("step-a", model);
  const resultPath = join(lower.outputDir, basename(upper.resultPath).replace("Step-A", "step-a"));
  copyFileSync(upper.resultPath, resultPath);
  copyFileSync(upper.journalPath, `${resultPath}l`);
  const before = readFileSync(`${resultPath}l`);
  await expect(evaluate(lower)).rejects.toThrow(ResumeRefusedError);
  await expect(evaluate(lower)).rejects.toThrow('checkpoint.name: "Step-A" there, "step-a" now');
  expect(model.asked).toEqual([]);
  expect(readFileSync(`${resultPath}l`).equals(before)).toBe(true);
});
