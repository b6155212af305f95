import { HAS_SHARED, readShared, SKIPPED } from "@pka/fault-kit";
import { describe, expect, test } from "vitest";
import { triviaEnv } from "./trivia-env.js";

test("the paper's prompt: question and instruction in one user message", () => {
  expect(triviaEnv().messages({ question: "Who?", answers: [] })).toEqual([
    { role: "user", content: "Who? Give your final answer in <answer></answer> tags." },
  ]);
});

const FINAL = "<|end|><|start|>assistant<|channel|>final<|message|>";

test.each([
  { name: "one closed answer", text: "<answer>Paris</answer>", reward: 1 },
  { name: "an answer named while thinking, tag left open", text: "Paris? <answer>Ro", reward: -0.1 },
  { name: "two answers", text: "<answer>Rome</answer><answer>Paris</answer>", reward: -0.1 },
  {
    name: "an answer while thinking and one at the end",
    text: `<|channel|>analysis<|message|><answer>Rome</answer>${FINAL}<answer>Paris</answer>`,
    reward: 0,
  },
  { name: "no tags", text: "Paris", reward: -0.1 },
])("strict format: $name earns $reward", ({ text, reward }) => {
  const { reward: earned } = triviaEnv({ strictFormat: true }).judge(
    { text, isComplete: true },
    { question: "", answers: ["Paris"] },
  );
  expect(earned).toBeCloseTo(reward, 12);
});

test("what pleases the reward and not the reader is counted", () => {
  const { metrics } = triviaEnv().judge(
    { text: "<answer>so smart", isComplete: true },
    { question: "", answers: ["art"] },
  );
  expect(metrics).toMatchObject({ substring_only: 1, no_answer_tag: 1, answers_per_response: 1, Recall_only_rate: 1 });
});

interface Row {
  readonly id: string;
  readonly response?: string;
  readonly [field: string]: unknown;
}

describe.skipIf(!HAS_SHARED)(`the paper's rewards${SKIPPED}`, () => {
  test("2,820 completions earn what the original's environment gave them", () => {
    const rows = readShared("vectors/rl-grading.jsonl.gz")
      .toString("utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Row);
    const env = triviaEnv();
    let compared = 0;
    for (const row of rows) {
      const text = (row["raw_prediction"] ?? row["text"]) as string | null;
      if (text === null || text === undefined) continue;
      const problem = { question: "", answers: row["ground_truth"] as string[] };
      for (const isComplete of [true, false]) {
        const expected = row[isComplete ? "reward" : "reward_parse_failed"] as number;
        const { reward } = env.judge({ text, isComplete }, problem);
        expect(Math.abs(reward - expected), row.id).toBeLessThan(1e-12);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(5000);
  });
});
