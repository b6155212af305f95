import type { Completion } from "@pka/core";
import { evaluate } from "../evaluate.js";
import { completion, modelOf, optionsOf, qaExamples } from "./run.js";

// Evaluates `count` questions on the server at `url` into `outputDir`, printing how it ended.
const [outputDir = "", url = "", count = "0"] = process.argv.slice(2);
const model = modelOf(async ({ question }): Promise<Completion> => {
  const response = await fetch(url, { method: "POST", body: question });
  return completion(await response.text());
});
try {
  const { status, asked, resumed } = await evaluate(optionsOf(outputDir, qaExamples(Number(count)), model));
  process.stdout.write(JSON.stringify({ status, asked, resumed }));
} catch (error) {
  process.stdout.write(JSON.stringify({ error: String(error) }));
}
