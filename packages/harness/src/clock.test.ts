import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test, vi } from "vitest";
import { collect, completion, modelOf, optionsOf, qaExamples } from "./__fixtures__/run.js";
import { evaluate } from "./evaluate.js";
import { readJournal } from "./journal/read.js";

test("a wall clock that jumps by days between any two looks changes no duration, no order and no result", async () => {
  const options = optionsOf(
    temporaryFolder(),
    qaExamples(40),
    modelOf(async ({ question }) => {
      await sleep(2);
      return completion(`<answer>${question.replace("question", "answer")}</answer>`);
    }),
  );
  const steady = await evaluate(options);
  const DAY = 86_400_000;
  let looks = 0;
  vi.spyOn(Date, "now").mockImplementation(() => 1.8e12 + [0, DAY, -DAY, 10 * DAY, 30 * 60_000][looks++ % 5]!);
  const elapsed: number[] = [];
  const started = performance.now();
  const jumping = await evaluate({
    ...options,
    outputDir: temporaryFolder(),
    onProgress: ({ elapsedMs }) => void elapsed.push(elapsedMs),
  });
  const tookMs = performance.now() - started;
  expect(jumping).toMatchObject({ status: "complete", asked: 40 });
  expect(readFileSync(jumping.resultPath)).toEqual(readFileSync(steady.resultPath));
  for (const record of await collect(readJournal(jumping.journalPath))) {
    if (record.type !== "attempt") continue;
    expect(record.elapsedMs).toBeGreaterThan(0);
    expect(record.elapsedMs).toBeLessThanOrEqual(tookMs);
  }
  expect(elapsed).toEqual(elapsed.toSorted((a, b) => a - b));
  expect(elapsed.at(-1)).toBeLessThanOrEqual(tookMs);
  // Nor does a lock taken in the future or the past keep the next call out.
  await expect(evaluate({ ...options, outputDir: jumping.resultPath.replace(/\/[^/]*$/, "") })).resolves.toMatchObject({
    resumed: 40,
  });
});
