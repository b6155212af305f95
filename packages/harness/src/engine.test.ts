import { readFileSync } from "node:fs";
import { loadDataset } from "@pka/datasets";
import { openEngine } from "@pka/engine";
import { temporaryFolder } from "@pka/fault-kit";
import { samplingModel } from "@pka/models";
import { expect, onTestFinished, test } from "vitest";
import { evaluate } from "./evaluate.js";

test("the embedded model answers its small world; interrupted and continued, it leaves the same file", async () => {
  const engine = await openEngine("tiny");
  onTestFinished(() => engine.close());
  const { tokenizer } = engine;
  const end = tokenizer.encode("<|end|>");
  const model = samplingModel({
    id: "engine:tiny",
    fileName: "tiny",
    client: await engine.samplingClient(),
    maxTokens: { qa: 64, math: 64 },
    renderer: {
      name: "thinking only",
      tokenizer,
      stop: end,
      buildGenerationPrompt: (messages) => tokenizer.encode(` ${messages.at(-1)?.content}<think>`),
      parse(tokens) {
        const text = tokenizer.decode(tokens.filter((token) => !end.includes(token)));
        const [thinking = "", answer = ""] = text.split("</think>");
        return { text, thinking, answer };
      },
    },
  });
  const dataset = await loadDataset("smallworld", { limit: 60 });
  const options = { dataset, model, cues: false, thinking: true, sampling: { temperature: 1, topP: 1 }, seed: 3 };

  const outputDir = temporaryFolder();
  const stopping = new AbortController();
  const interrupted = await evaluate({
    ...options,
    outputDir,
    concurrency: 4,
    signal: stopping.signal,
    onProgress: ({ done }) => done === 20 && stopping.abort(),
  });
  expect(interrupted.status).toBe("interrupted");
  const continued = await evaluate({ ...options, outputDir });
  expect(continued).toMatchObject({ status: "complete", resumed: interrupted.asked, asked: 60 - interrupted.asked });

  const whole = await evaluate({ ...options, outputDir: temporaryFolder() });
  expect(readFileSync(continued.resultPath, "utf8")).toBe(readFileSync(whole.resultPath, "utf8"));
  expect(whole.summary.completed).toBeGreaterThan(50);
  expect(whole.summary.metrics.exactMatch?.rateOfAll).toBeGreaterThan(0.3);
});
