import { expect, test } from "vitest";
import { paperMessages } from "./paper-prompts.js";

// The sentences are those of run_eval.py and run_eval_math.py.
test.each([
  { task: "qa" as const, cues: false, instruction: "Give your final answer in <answer></answer> tags." },
  {
    task: "qa" as const,
    cues: true,
    instruction: "Think step-by-step and give your final answer in <answer></answer> tags.",
  },
  { task: "math" as const, cues: false, instruction: "Give your final answer in \\boxed{}." },
  { task: "math" as const, cues: true, instruction: "Think step-by-step and give your final answer in \\boxed{}." },
])("$task, cues $cues", ({ task, cues, instruction }) => {
  const ask = { task, cues, question: "Q?" };
  expect(paperMessages("user", ask)).toEqual([
    { role: "user", content: `You will be given a question. ${instruction} Q?` },
  ]);
  expect(paperMessages("system", ask)).toEqual([
    { role: "system", content: `You will be given a question. ${instruction}` },
    { role: "user", content: "Q?" },
  ]);
  expect(paperMessages("after", ask)).toEqual([{ role: "user", content: `Q?\n${instruction}` }]);
});

test.each(["user", "system", "after"] as const)(
  "style %s: a whole prompt is one user message as it stands",
  (style) => {
    const ask = { task: "prompt" as const, cues: true, question: "Refine <this>:\n$& " };
    expect(paperMessages(style, ask)).toEqual([{ role: "user", content: "Refine <this>:\n$& " }]);
  },
);
