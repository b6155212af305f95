/** Ask a model the questions of a dataset of your own: rows become examples, `evaluate` does the rest. */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type QaExample, UsageError } from "@pka/core";
import { openEngine } from "@pka/engine";
import { evaluate } from "@pka/harness";
import { samplingModel } from "@pka/models";
import { tinyRenderer } from "@pka/renderers";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** One row is `person,country`. A row that is none refuses the file: what is dropped silently is counted wrongly later. */
function loadResidents(path: URL): { readonly examples: QaExample[]; readonly text: string } {
  const text = readFileSync(path, "utf8");
  const [, ...lines] = text.trim().split(/\r?\n/);
  const examples = lines.map((line, index): QaExample => {
    const [person, country, ...rest] = line.split(",");
    if (!person || !country || rest.length > 0)
      throw new UsageError(`${path.pathname}, line ${index + 2}: not person,country`);
    const question = `Which country does ${person} live in?`;
    const hash = sha256(JSON.stringify([question, country])).slice(0, 16);
    return { task: "qa", id: `residents/${index}`, hash, question, answers: [country] };
  });
  return { examples, text };
}

const { examples, text } = loadResidents(new URL("data/residents.csv", import.meta.url));
const engine = await openEngine("tiny");
const model = samplingModel({
  id: "tiny",
  fileName: "tiny",
  client: await engine.samplingClient(),
  renderer: tinyRenderer(engine.tokenizer),
  maxTokens: { qa: 64, math: 64 },
});
const { status, resultPath, summary } = await evaluate({
  dataset: {
    name: "residents",
    split: "test",
    examples,
    fingerprint: { source: "residents.csv", revision: null, sha256: sha256(text), numRows: examples.length },
  },
  model,
  cues: false,
  thinking: true,
  sampling: { temperature: 0, topP: 1 },
  outputDir: mkdtempSync(join(tmpdir(), "residents-")),
});
console.log(status, basename(resultPath));
console.log(summary.outcomes.answered, "answered,", summary.metrics.recall?.successes, "right");
await engine.close();
