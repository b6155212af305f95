import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { HAS_SHARED, readShared, SKIPPED, temporaryFolder } from "@pka/fault-kit";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { completion, modelOf, optionsOf, qaExample } from "./__fixtures__/run.js";
import { PAPER_TRACES } from "./__fixtures__/paper-traces.js";
import { evaluate } from "./evaluate.js";

const traceSchema = z.object({
  results: z.array(
    z.object({
      question: z.string(),
      ground_truth: z.array(z.string()),
      raw_prediction: z.string(),
      num_tokens: z.number(),
    }),
  ),
});

describe.skipIf(!HAS_SHARED)(`published result files${SKIPPED}`, () => {
  test.each(PAPER_TRACES)("%s comes out byte for byte when its completions are given again", async (path) => {
    const original = readShared(path).toString();
    const { results } = traceSchema.parse(JSON.parse(original));
    const name = /(\w+?)_(\w+?)_no_cues(_with_thinking|_no_thinking)?/.exec(basename(path))!;
    const dataset = name[1]!;
    const examples = results.map((row, index) =>
      qaExample(index, `${index} ${row.question}`, row.ground_truth, dataset),
    );
    // Questions repeat, so the index in front tells the model which completion to give; it is taken off again below.
    const model = modelOf(
      ({ question }) => {
        const { raw_prediction: text, num_tokens: numTokens } = results[Number.parseInt(question, 10)]!;
        return completion(text, { numTokens });
      },
      {
        fileName: name[2]!,
        thinkingModes: name[3] === undefined ? [true] : [true, false],
        extraction: () => (path.includes("r1qwen") ? "before-close-tag" : "answer-tags"),
      },
    );
    const options = optionsOf(temporaryFolder(), examples, model, { thinking: name[3] !== "_no_thinking" });
    const { resultPath } = await evaluate({ ...options, dataset: { ...options.dataset, name: dataset } });

    expect(basename(resultPath)).toBe(basename(path, ".gz"));
    const ours = readFileSync(resultPath, "utf8")
      .replace(/,\n {2}"pka": [^]*\n\}$/, "\n}")
      .replace(/(\n {6}"question": ")\d+ /g, "$1");
    expect(ours === original).toBe(true);
  });
});
