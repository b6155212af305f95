import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Model, ModelError, UsageError } from "@pka/core";
import { HAS_SHARED, readShared, SKIPPED, temporaryFolder } from "@pka/fault-kit";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { completion, mathExample, modelOf, optionsOf, qaExample } from "./__fixtures__/run.js";
import { evaluate } from "./evaluate.js";

const generationSchema = z.object({
  text: z.string().nullable().optional(),
  num_tokens: z.number().optional(),
  error: z.string().optional(),
});
const runSchema = z.object({
  kind: z.enum(["qa", "math"]),
  model: z.string(),
  dataset: z.string(),
  cues: z.boolean(),
  thinking: z.boolean(),
  checkpoint_name: z.string().nullable(),
  batch_size: z.number().nullable(),
  items: z.array(z.record(z.string(), z.unknown())),
  generations: z.array(generationSchema),
  output_file: z.string().nullable(),
  output: z.unknown(),
});
type Run = z.infer<typeof runSchema>;

const qaItemSchema = z.object({ question: z.string(), answer_aliases: z.array(z.string()) });
const mathItemSchema = z.object({ problem: z.string(), solution: z.string(), type: z.string() });

const FILE_NAMES: Record<string, string> = {
  "gpt-5.2": "gpt52",
  "gpt-oss-20b": "gptoss20b",
  "olmo-3-7b-think": "olmo3",
  "r1-distill-qwen-1.5b": "r1qwen",
};

describe.skipIf(!HAS_SHARED)(`whole runs of the original${SKIPPED}`, () => {
  const runs = HAS_SHARED
    ? z.object({ runs: z.array(runSchema) }).parse(JSON.parse(readShared("vectors/pipeline-runs.json").toString())).runs
    : [];

  test("all 18 are at hand", () => {
    expect(runs).toHaveLength(18);
  });

  test.each(
    runs.map((run, index) => [`${index}: ${run.model} ${run.dataset} (${run.items.length} items)`, run] as const),
  )("%s leaves the file that the original leaves", async (_, run) => {
    const outputDir = temporaryFolder();
    const examples = run.items.map((item, index) => {
      if (run.kind === "math") {
        const { problem, solution, type } = mathItemSchema.parse(item);
        return mathExample(index, problem, solution, type);
      }
      const { question, answer_aliases: answers } = qaItemSchema.parse(item);
      return qaExample(index, question, answers, run.dataset);
    });
    const options = optionsOf(outputDir, examples, replay(run), { cues: run.cues, thinking: run.thinking });
    const evaluation = evaluate({
      ...options,
      dataset: { ...options.dataset, name: run.dataset },
      ...(run.checkpoint_name === null ? {} : { checkpoint: { uri: "u", name: run.checkpoint_name } }),
    });
    if (run.output_file === null) {
      await expect(evaluation).rejects.toThrow(UsageError);
      return;
    }
    const { resultPath } = await evaluation;
    expect(resultPath).toBe(join(outputDir, run.output_file));
    expect(existsSync(resultPath)).toBe(true);
    const { pka: _pka, ...paper } = JSON.parse(readFileSync(resultPath, "utf8"));
    expect(withoutPythonMessages(paper)).toEqual(withoutPythonMessages(run.output));
    expect(Object.keys(paper)).toEqual(Object.keys(z.record(z.string(), z.unknown()).parse(run.output)));
  });
});

/** A model that gives the canned generations in the place of the original's back-end, which loses whole batches. */
function replay(run: Run): Model {
  const isLocal = run.batch_size !== null;
  return modelOf(
    ({ question }) => {
      const index = Number(question.slice(1));
      const batchSize = run.batch_size ?? 1;
      const first = Math.floor(index / batchSize) * batchSize;
      const lost = run.generations.slice(first, first + batchSize).find(({ error }) => error !== undefined)?.error;
      if (lost !== undefined) throw new ModelError(lost, { kind: "connection" });
      const { text, num_tokens: numTokens = 0 } = run.generations[index]!;
      // A null text breaks the contract of a model; the original lets it through to the grader.
      return Object.assign(completion("", { numTokens }), { text });
    },
    {
      id: run.model,
      fileName: FILE_NAMES[run.model]!,
      thinkingModes: run.model === "gpt-5.2" ? [true] : [true, false],
      extraction: ({ task, thinking }) => (isLocal && task === "qa" && !thinking ? "before-close-tag" : "answer-tags"),
    },
  );
}

/** Without the text of errors that the original's interpreter worded. */
function withoutPythonMessages(output: unknown): unknown {
  return JSON.parse(
    JSON.stringify(output, (key, value: unknown) =>
      key === "error" && typeof value === "string"
        ? value.replace(/expected string or bytes.*|'NoneType' object.*|the completion has no text$/, "(no text)")
        : value,
    ),
  );
}
