import { evaluate } from "@pka/harness";
import { answeringOptions } from "./answering-options.js";

// Evaluates `questions` × `samples` rows into `outputDir` by a model that answers at once, with so many characters of thinking, and
// prints the memory it took.
const [outputDir = "", questions = "0", samples = "1", characters = "640"] = process.argv.slice(2);
const thinking = "A thought. ".repeat(Math.ceil(Number(characters) / 11));
const started = performance.now();
const { status, asked, resumed, resultPath, journalPath } = await evaluate({
  ...answeringOptions(outputDir, Number(questions), thinking),
  samples: Number(samples),
});
const seconds = (performance.now() - started) / 1000;
const peakMegabytes = process.resourceUsage().maxRSS / 1024;
process.stdout.write(JSON.stringify({ status, asked, resumed, resultPath, journalPath, seconds, peakMegabytes }));
