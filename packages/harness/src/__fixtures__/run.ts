import { createHash } from "node:crypto";
import type { Ask, Completion, Example, MathExample, Model, QaExample } from "@pka/core";
import type { EvaluateOptions } from "../evaluate-options.js";

export function qaExample(index: number, question: string, answers: readonly string[], dataset = "nq"): QaExample {
  return { task: "qa", id: `${dataset}/${index}`, hash: contentHash(question, answers), question, answers };
}

export function mathExample(index: number, question: string, solution: string, type = "algebra"): MathExample {
  return { task: "math", id: `math/${index}`, hash: contentHash(question, solution), question, solution, type };
}

/** `nq/0` … : "question 0", answered by "answer 0". */
export function qaExamples(count: number): QaExample[] {
  return Array.from({ length: count }, (_, index) => qaExample(index, `question ${index}`, [`answer ${index}`]));
}

function contentHash(...content: unknown[]): string {
  return createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 16);
}

export function completion(text: string, more: Partial<Completion> = {}): Completion {
  return {
    text,
    finishReason: "stop",
    usage: { promptTokens: 10, completionTokens: 5 },
    numTokens: 5,
    attempts: 1,
    ...more,
  };
}

/** A model that answers by a function. */
export function modelOf(
  generate: (ask: Ask, signal: AbortSignal | undefined) => Promise<Completion> | Completion,
  more: Partial<Model> = {},
): Model {
  return {
    id: "canned",
    fileName: "canned",
    thinkingModes: [true, false],
    settings: { prompt: "v1" },
    extraction: () => "answer-tags",
    generate: async (ask, options) => generate(ask, options?.signal),
    ...more,
  };
}

/** Answers `question n` with `answer n` in tags, and counts. */
export function answeringModel(more: Partial<Model> = {}): Model & { readonly asked: string[] } {
  const asked: string[] = [];
  const model = modelOf(({ question }) => {
    asked.push(question);
    return completion(`<answer>${question.replace("question", "answer")}</answer>`);
  }, more);
  return { ...model, asked };
}

export function optionsOf(
  outputDir: string,
  examples: readonly Example[],
  model: Model,
  more: Partial<EvaluateOptions> = {},
): EvaluateOptions {
  return {
    dataset: {
      name: "nq",
      split: "test",
      examples,
      fingerprint: { source: "test", revision: null, sha256: "0".repeat(64), numRows: examples.length },
    },
    model,
    cues: false,
    thinking: true,
    sampling: { temperature: 0.6, topP: 0.95 },
    outputDir,
    ...more,
  };
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
