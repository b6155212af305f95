import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { completionsModel } from "@pka/models";
import { loadHfTokenizer, r1Renderer } from "@pka/renderers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readEvaluated } from "./evaluated.js";
import { greedyByOthers } from "./greedy.js";
import { pka } from "./pka.js";
import type { ServerProgram } from "./server-program.js";
import { startTransformersServer } from "./transformers-server.js";
import { TINY_MODEL, tinyModel } from "./tiny-model.js";

const folder = tinyModel();
const why = folder === null ? " (skipped: no tiny model)" : "";
const INSTRUCTION = "Give your final answer in <answer></answer> tags.";

/** The paper's messages for R1: the question, and the instruction behind it. */
const promptOf = (question: string, thinking: boolean) =>
  r1Renderer.renderPrompt([{ role: "user", content: `${question}\n${INSTRUCTION}` }], { task: "qa", thinking });

describe.skipIf(folder === null)(`a real OpenAI-compatible server, transformers serve${why}`, () => {
  let server: ServerProgram;
  let output: string;

  beforeAll(async () => {
    output = await mkdtemp(join(tmpdir(), "pka-serve-"));
    server = await startTransformersServer();
  });
  afterAll(async () => {
    await server?.stop();
    await rm(output, { recursive: true, force: true });
  });

  const evaluate = async (thinking: boolean) => {
    const results = join(output, thinking ? "yes" : "no");
    const flags = ["--model", `vllm:${TINY_MODEL}`, "--renderer", "r1", "--base-url", server.url];
    const asked = ["--dataset", "smallworld", "--limit", "50", "--thinking", thinking ? "yes" : "no"];
    const finished = await pka(["eval", ...flags, ...asked, "--concurrency", "4", "--output-dir", results], {
      timeoutMs: 240_000,
    });
    expect(finished, finished.stderr).toMatchObject({ code: 0 });
    return readEvaluated(results);
  };

  test("answers 50 questions with thinking", { timeout: 300_000 }, async () => {
    const { results, errors, attempts, aggregate_metrics: metrics } = await evaluate(true);
    expect(results).toHaveLength(50);
    expect(errors).toEqual([]);
    expect(metrics.total_questions).toBe(50);
    expect(metrics.avg_tokens_per_response).toBeGreaterThan(1);
    // The model was taught the form, not the facts: thoughts, the closing tag, one word in tags.
    const inForm = results.filter(({ raw_prediction: raw }) => /^[^<]*\n<\/think>\n\n<answer>\w+<\/answer>$/.test(raw));
    expect(inForm.length).toBeGreaterThan(40);
    for (const row of inForm) {
      expect(row.extracted_prediction).toBe(/<answer>(\w+)<\/answer>/.exec(row.raw_prediction)![1]);
    }
    for (const { completion } of attempts.filter(({ outcome }) => outcome === "answered")) {
      expect(completion.finishReason).toBe("stop");
      expect(`${completion.thinking}</think>${completion.answer}`).toBe(completion.text);
    }
  });

  test("answers 50 questions without thinking", { timeout: 300_000 }, async () => {
    const { results, errors } = await evaluate(false);
    expect(results).toHaveLength(50);
    expect(errors).toEqual([]);
    const inForm = results.filter(({ raw_prediction: raw }) => /^\w+<\/answer>$/.test(raw));
    expect(inForm.length).toBeGreaterThan(40);
    for (const row of inForm) expect(row.extracted_prediction).toBe(row.raw_prediction.replace("</answer>", ""));
  });

  test.each([true, false])(
    "was sent exactly the paper's prompt: it counts as many tokens, thinking %s",
    async (thinking) => {
      const { results, attempts } = await readEvaluated(join(output, thinking ? "yes" : "no"));
      const tokenizer = await loadHfTokenizer(folder!);
      const expected = results.map(({ question }) => tokenizer.encode(promptOf(question, thinking)).length);
      const counted = attempts.map(({ completion }) => completion.usage.promptTokens);
      expect(counted.toSorted((a, b) => a - b)).toEqual(expected.toSorted((a, b) => a - b));
    },
  );

  test("draws the same greedy answers as PyTorch itself", async () => {
    const model = await completionsModel({
      fileName: "tiny",
      model: TINY_MODEL,
      baseUrls: [server.url],
      renderer: "r1",
      maxTokens: 40,
    });
    const tokenizer = await loadHfTokenizer(folder!);
    const questions = ["Where does Mirela live?", "Which country does Fendu live in?", "Who wrote Hamlet?"];
    const reference = await greedyByOthers(questions.map((question) => promptOf(question, true)));
    for (const [index, question] of questions.entries()) {
      const ask = { task: "qa", question, cues: false, thinking: true, sampling: { temperature: 0, topP: 1 } } as const;
      const { text, numTokens } = await model.generate(ask);
      const tokens = reference[index]!.torch;
      expect(numTokens).toBe(tokens.length);
      expect(text).toBe(tokenizer.decode(tokens.filter((token) => !tokenizer.specialTokens.has(token))));
    }
    await model.close?.();
  });
});
