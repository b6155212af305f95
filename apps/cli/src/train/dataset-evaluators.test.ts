import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { silentLogger } from "@pka/core";
import { openEngine } from "@pka/engine";
import { temporaryFolder } from "@pka/fault-kit";
import { tinyRenderer } from "@pka/renderers";
import { expect, onTestFinished, test } from "vitest";
import { readEnvironment } from "../environment.js";
import { datasetEvaluators } from "./dataset-evaluators.js";

test("what a process that died had evaluated counts at the checkpoint, and is evaluated anew after it", async () => {
  const runFolder = temporaryFolder();
  const left = ["000004", "000006"].map((step) => join(runFolder, "eval_smallworld", step, "left.txt"));
  for (const file of left) {
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, "");
  }
  const engine = await openEngine("tiny", { worker: false });
  onTestFinished(() => engine.close());
  const [evaluator] = await datasetEvaluators(["smallworld"], {
    renderer: tinyRenderer(engine.tokenizer),
    maxTokens: 24,
    runFolder,
    firstStep: 4,
    dataDir: undefined,
    limit: 2,
    seed: 0,
    context: { environment: readEnvironment({}), logger: silentLogger },
  });
  const client = await engine.samplingClient();
  for (const step of [4, 6]) expect((await evaluator!.evaluate(client, step)).metrics).toMatchObject({ rows: 2 });
  expect(left.map((file) => existsSync(file))).toEqual([true, false]);
});
