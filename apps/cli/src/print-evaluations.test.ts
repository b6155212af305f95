import { temporaryFolder } from "@pka/fault-kit";
import { evaluate } from "@pka/harness";
import { expect, onTestFinished, test, vi } from "vitest";
import { completion, mathExample, modelOf, optionsOf } from "../../../packages/harness/src/__fixtures__/run.js";
import { printEvaluations } from "./print-evaluations.js";

// Right both ways; right by meaning only; right for the paper only, by units; no answer at all.
const PROBLEMS = [
  { gold: "\\boxed{\\frac12}", reply: "\\boxed{\\frac{1}{2}}" },
  { gold: "\\boxed{1 + \\sqrt{2}}", reply: "\\boxed{\\sqrt{2}+1}" },
  { gold: "\\boxed{5\\text{ cm}}", reply: "\\boxed{5\\text{ m}}" },
  { gold: "\\boxed{3}", reply: "no idea" },
];

test("MATH shows the second verdict beside the paper's, and where the two differ", async () => {
  const lines: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  onTestFinished(() => log.mockRestore());
  const examples = PROBLEMS.map(({ gold }, n) => mathExample(n, String(n), gold));
  const model = modelOf(({ question }) => completion(PROBLEMS[Number(question)]!.reply));
  const report = await evaluate(optionsOf(temporaryFolder(), examples, model));
  printEvaluations(
    "eval",
    [{ model: "canned", dataset: "math", cues: false, thinking: true, report }],
    { price: undefined, budget: undefined },
    false,
  );
  const text = lines.join("\n");
  expect(text).toMatch(/bounds +│ by meaning │ tokens/);
  expect(text).toMatch(/accuracy │ 50\.0 % │ 66\.7 % +│ \[.*\] +│ \[50\.0, 75\.0\] +│ 50\.0 %/);
  expect(text).toContain("of 4 rows: 1 unparsed;");
  expect(text).toContain("by meaning: 1 equivalent though counted as wrong, 1 different though counted as right");
});
