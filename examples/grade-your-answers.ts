/** Grade answers that your own model gave: a file of completions to verdicts and a rate with its interval. */
import { readFileSync } from "node:fs";
import { extractAnswer, gradeAnswer } from "@pka/grading";
import { wilsonInterval } from "@pka/stats";
import * as z from "zod";

const rowSchema = z.object({ question: z.string(), accepted: z.array(z.string()), completion: z.string() });
const rows = readFileSync(new URL("data/answers.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => rowSchema.parse(JSON.parse(line)));

const verdicts = rows.map(({ question, accepted, completion }) => {
  const answer = extractAnswer(completion);
  const verdict = gradeAnswer(answer, accepted);
  console.log(`${verdict.recall ? "✓" : "✗"} ${question} ${answer}`);
  return verdict;
});

const right = verdicts.filter(({ recall }) => recall).length;
const { lower, upper } = wilsonInterval(right, verdicts.length, 0.95);
const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
console.log(`recall ${percent(right / verdicts.length)} [${percent(lower)}, ${percent(upper)}]`);
