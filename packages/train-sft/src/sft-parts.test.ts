import { createHash } from "node:crypto";
import { UsageError } from "@pka/core";
import { harmonyRenderer, loadHarmonyTokenizer, supervisedDatum } from "@pka/renderers";
import { expect, test } from "vitest";
import { directConversation } from "./conversations.js";
import { meanNll } from "./mean-nll.js";
import { directOrder, reasoningOrder } from "./row-order.js";
import { sftRunName } from "./run-name.js";
import { checkSftConfig, SFT_DEFAULTS, type SftConfig } from "./sft-config.js";
import { sftPlan } from "./train-sft.js";
import { recalledTrajectories, splitHarmonyTrajectory, splitThinkTrajectory, TrajectoryError } from "./trajectories.js";
import { parseValidationFile, ValidationFileError } from "./validation.js";

const numbers = (text: string): number[] => text.split(" ").map(Number);

// Recorded from Hugging Face's datasets and from CPython.
test("the rows of an epoch come in the order of the paper's script", () => {
  const direct = directOrder(10, 6);
  expect([...Array.from(direct(0)), ...Array.from(direct(1))]).toEqual(
    numbers("3 4 9 1 2 5 0 7 8 6 7 2 8 6 9 4 3 0 5 1"),
  );
  const reasoning = reasoningOrder(10, 6);
  expect([...Array.from(reasoning(0)), ...Array.from(reasoning(1))]).toEqual(
    numbers("2 1 4 0 5 3 6 7 8 9 1 4 8 0 7 5 9 6 3 2"),
  );
});

test("all of TriviaQA's rows in the order of the first two epochs", () => {
  const hash = (order: ArrayLike<number>): string =>
    createHash("sha256")
      .update(new BigInt64Array(Array.from(order, BigInt)))
      .digest("hex")
      .slice(0, 16);
  const order = directOrder(138_384, 6);
  expect([hash(order(0)), hash(order(1))]).toEqual(["686b1fb58af20cac", "2f449341316f6a77"]);
});

test("kept rows are the first of the shuffled ones, and every epoch has all of them", () => {
  const order = directOrder(10, 6, 4);
  expect(new Set(Array.from(order(3)))).toEqual(new Set([2, 6, 3, 9]));
  expect(new Set(Array.from(reasoningOrder(10, 6, 4)(3)))).toEqual(new Set([5, 8, 3, 4]));
});

test("a training row of the paper, token by token", async () => {
  const renderer = harmonyRenderer(await loadHarmonyTokenizer(), { date: "2025-12-10" });
  const row = directConversation({ question: "Who wrote Hamlet?", answers: ["william shakespeare"] })!;
  const { tokens, targetTokens, weights } = supervisedDatum(renderer.buildSupervisedExample(row));
  const sequence = [...tokens, targetTokens.at(-1)];
  expect(createHash("sha256").update(sequence.join(",")).digest("hex").slice(0, 16)).toBe("5890834658685460");
  expect(Array.from(weights!)).toEqual([...Array(93).fill(0), ...Array(30).fill(1)]);
});

test.each([
  { answer: "paris", content: "The answer is <answer>paris</answer>." },
  { answer: "<answer>x", content: "<answer>x" },
  { answer: "x</answer>", content: "x</answer>" },
])("the answer $answer is written out as $content", ({ answer, content }) => {
  const row = directConversation({ question: "q", answers: [answer, "other"] });
  expect(row?.at(-1)).toEqual({ role: "assistant", thinking: `Need answer: ${answer}.`, content });
});

test("rows without a first answer are left out", () => {
  expect(directConversation({ question: "q", answers: [] })).toBeUndefined();
  expect(directConversation({ question: "q", answers: ["", "x"] })).toBeUndefined();
});

test("the target: the first accepted answer, or the one that the dataset writes where it has one", () => {
  const row = { question: "q", answers: ["denali", "mount mckinley"], canonicalAnswer: "Mount McKinley" };
  const content = (...args: Parameters<typeof directConversation>) => directConversation(...args)!.at(-1)!.content;
  expect(content(row)).toBe("The answer is <answer>denali</answer>.");
  expect(content(row, undefined, "value")).toBe("The answer is <answer>Mount McKinley</answer>.");
  expect(content({ question: "q", answers: ["x"] }, undefined, "value")).toBe("The answer is <answer>x</answer>.");
});

test("mean NLL weighs tokens, not sequences; weight 0 hides even what is no number", () => {
  expect(meanNll([[-1, -2], [-6]], [[0, 1], [1]])).toBe(4);
  expect(meanNll([[-Infinity, -2]], [[0, 1]])).toBe(2);
  expect(meanNll([[-1]], [[0.5]])).toBe(1);
  expect(meanNll([[-1]], [[0]])).toBeNaN();
});

test("steps: tails are dropped in every epoch, max_steps counts per epoch", () => {
  expect(sftPlan(138_384, SFT_DEFAULTS)).toEqual({ keep: 138_384, numBatches: 4324, totalSteps: 34_592 });
  expect(sftPlan(100, { ...SFT_DEFAULTS, maxSteps: 2 })).toEqual({ keep: 64, numBatches: 2, totalSteps: 16 });
  expect(sftPlan(100, { ...SFT_DEFAULTS, maxTotalSteps: 5 }).totalSteps).toBe(5);
  expect(sftPlan(31, SFT_DEFAULTS).totalSteps).toBe(0);
});

test("the run's name writes numbers as Python does", () => {
  const run = { modelName: "openai/gpt-oss-20b", loraRank: 32, learningRate: 1e-5, batchSize: 32, seed: 6 };
  expect(sftRunName(run)).toBe("trivia-sft-openai-gpt-oss-20b-32rank-1e-05lr-32batch-seed6");
});

test.each([
  ["batchSize", 0],
  ["batchSize", 1.5],
  ["learningRate", -1e-5],
  ["learningRate", Number.NaN],
  ["maxLength", 1],
  ["nllThreshold", 0],
  ["maxSteps", 0],
  ["seed", -1],
] as [keyof SftConfig, number][])("%s = %d is refused by name", (name, value) => {
  const check = () => checkSftConfig({ ...SFT_DEFAULTS, [name]: value });
  expect(check).toThrow(UsageError);
  expect(check).toThrow(name);
});

const raw = "<|channel|>analysis<|message|>Hm\n.<|end|><|start|>assistant<|channel|>final<|message|><answer>x</answer>";

test("a gpt-oss completion in its parts, and the embedded model's", () => {
  expect(splitHarmonyTrajectory(raw)).toEqual({ thinking: "Hm\n.", content: "<answer>x</answer>" });
  expect(splitThinkTrajectory("lives in A.</think><answer> B</answer>")).toEqual({
    thinking: "lives in A.",
    content: "<answer> B</answer>",
  });
});

test("recalled rows are trained on; malformed ones as the paper does, or not at all", () => {
  const rows = [
    { index: 0, question: "a", text: raw, recalled: true },
    { index: 1, question: "b", text: raw, recalled: false },
    { index: 2, question: "c", text: raw, recalled: undefined },
    { index: 3, question: "d", text: "no markup", recalled: true },
    { index: 4, question: "e", text: `${raw}<|end|>more`, recalled: true },
  ];
  const all = recalledTrajectories(rows, "f.json");
  expect(all).toMatchObject({ questions: ["a", "d", "e"], numRows: 5, numMalformed: 2 });
  expect(all.conversations.map((messages) => messages.at(-1))).toEqual([
    { role: "assistant", thinking: "Hm\n.", content: "<answer>x</answer>" },
    { role: "assistant", thinking: "", content: "no markup" },
    { role: "assistant", thinking: "Hm\n.", content: "<answer>x</answer><|end|>more" },
  ]);
  expect(recalledTrajectories(rows, "f.json", { dropMalformed: true }).questions).toEqual(["a"]);
});

test.each([
  { name: "no recalled row", row: { recalled: false }, expected: /f\.json: nothing to train on: none of the 1 rows/ },
  { name: "no text", row: { text: null }, expected: /f\.json: row 7 .* has no raw_prediction/ },
  { name: "no question", row: { question: "" }, expected: /f\.json: row 7 .* has no question/ },
])("a trajectory file with $name is refused", ({ row, expected }) => {
  const rows = [{ index: 7, question: "a", text: raw, recalled: true, ...row }];
  expect(() => recalledTrajectories(rows, "f.json")).toThrow(TrajectoryError);
  expect(() => recalledTrajectories(rows, "f.json")).toThrow(expected);
});

test("a validation file: rows without a first answer are left out", () => {
  const text = JSON.stringify([
    { question: "a", ground_truth: ["x", "y"] },
    { question: "b", ground_truth: [] },
    { question: "c", ground_truth: [""] },
  ]);
  expect(parseValidationFile(text, "v.json")).toEqual([{ question: "a", answers: ["x", "y"] }]);
});

test.each([
  { name: "no JSON", text: "{", expected: /v\.json is no JSON/ },
  { name: "no list", text: "{}", expected: /v\.json: expected a JSON array/ },
  { name: "no answers", text: '[{"question":"a"}]', expected: /ground_truth/ },
  { name: "nothing left", text: "[]", expected: /no row has an answer/ },
])("a validation file that is $name", ({ text, expected }) => {
  expect(() => parseValidationFile(text, "v.json")).toThrow(ValidationFileError);
  expect(() => parseValidationFile(text, "v.json")).toThrow(expected);
});
