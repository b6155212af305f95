import type { Completion, QaExample } from "@pka/core";
import type { EvaluateOptions } from "@pka/harness";

/** `nq/0` …: "question 0", answered by "answer 0". */
function examples(count: number): QaExample[] {
  return Array.from({ length: count }, (_, index) => ({
    task: "qa",
    id: `nq/${index}`,
    hash: index.toString(16).padStart(16, "0"),
    question: `question ${index}`,
    answers: [`answer ${index}`],
  }));
}

/** An evaluation whose model thinks the same before every answer, and answers at once. */
export function answeringOptions(outputDir: string, count: number, thinking: string): EvaluateOptions {
  return {
    dataset: {
      name: "nq",
      split: "test",
      examples: examples(count),
      fingerprint: { source: "faults", revision: null, sha256: "0".repeat(64), numRows: count },
    },
    model: {
      id: "canned",
      fileName: "canned",
      thinkingModes: [true],
      settings: {},
      extraction: () => "answer-tags",
      generate: async ({ question }) =>
        completionOf(`${thinking}<answer>${question.replace("question", "answer")}</answer>`),
    },
    cues: false,
    thinking: true,
    sampling: { temperature: 0.6, topP: 0.95 },
    outputDir,
  };
}

function completionOf(text: string): Completion {
  return { text, finishReason: "stop", usage: { promptTokens: 10, completionTokens: 5 }, numTokens: 5, attempts: 1 };
}
