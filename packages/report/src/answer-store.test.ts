import { inflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import { type AnswerRow, AnswerStore } from "./answer-store.js";
import type { EmbeddedIndex, EmbeddedQuestions, EmbeddedTexts } from "./embedded-format.js";

function row(question: string, more: Partial<AnswerRow> = {}): AnswerRow {
  return {
    key: question,
    question,
    gold: ["gold"],
    outcome: "answered",
    verdicts: { recall: true, accuracy: false },
    numTokens: 7,
    thinking: null,
    answer: "a",
    prediction: "a",
    refined: null,
    ...more,
  };
}

const unpack = (bytes: Buffer): unknown => JSON.parse(inflateRawSync(bytes).toString());

test("rows of two runs share their questions, the k-th of a question with the k-th", () => {
  const store = new AnswerStore(1000);
  const [a, b] = [store.openRun("nq"), store.openRun("nq")];
  for (const question of ["x", "y", "x"]) a.add(row(question));
  for (const question of ["x", "x", "z"]) b.add(row(question, { refined: "a", numTokens: null }));
  a.close();
  b.close();
  const questions = unpack(store.questions("nq").bytes) as EmbeddedQuestions;
  expect(questions.map(([question]) => question)).toEqual(["x", "y", "x", "z"]);
  expect(unpack(a.index()) as EmbeddedIndex).toEqual({
    question: [0, 1, 2],
    outcome: [0, 0, 0],
    verdicts: [0b01000011, 0b01000011, 0b01000011],
    tokens: [7, 7, 7],
  });
  expect(unpack(b.index()) as EmbeddedIndex).toMatchObject({ question: [0, 2, 3], tokens: [-1, -1, -1] });
  expect((unpack(b.parts[0]!) as EmbeddedTexts[])[0]).toEqual([null, "a", "a", 0]);
});

test("a text is cut at the limit, never within a character, and its full length is kept", () => {
  const store = new AnswerStore(100);
  const run = store.openRun("nq");
  run.add(row("x", { thinking: `${"t".repeat(99)}😀`, answer: "a".repeat(100) }));
  run.close();
  expect(unpack(run.parts[0]!) as EmbeddedTexts[]).toEqual(
    [["t".repeat(99), "a".repeat(100), "a", null, [101, 0, 0, 0]]].map(
      ([thinking, answer, prediction, refined, cut]) => [thinking, answer, prediction, refined, cut],
    ),
  );
});

test("fit lowers the limit until the parts fit, and keeps the full lengths of what was cut before", () => {
  const store = new AnswerStore(2000);
  const run = store.openRun("nq");
  // Digits of an irrational number compress by little more than half.
  const noise = (seed: number) =>
    Array.from({ length: 3000 }, (_, i) => Math.floor(1e6 * Math.abs(Math.sin((i + 1) * (seed + 1)))) % 10).join("");
  for (let i = 0; i < 200; i++) run.add(row(`q${i}`, { thinking: noise(i) }));
  run.close();
  const before = run.textBytes;
  expect(store.fit(before / 3)).toBe(true);
  expect(run.textBytes).toBeLessThan(before / 3);
  expect(store.maxChars).toBeGreaterThan(300);
  const [thinking, , , , cut] = (unpack(run.parts[0]!) as EmbeddedTexts[])[0]!;
  expect(thinking).toHaveLength(store.maxChars);
  expect(cut).toEqual([3000, 0, 0, 0]);
});

test("what cannot fit says so", () => {
  const store = new AnswerStore(1000);
  const run = store.openRun("nq");
  run.add(row("x"));
  run.close();
  expect(store.fit(10)).toBe(false);
});
