import { smallWorld } from "@pka/engine/small-world";
import { expect, test } from "vitest";
import { sftLessons } from "./sft-lessons.js";

const world = smallWorld();
const lessons = sftLessons(world);
const asked = new Map(world.questions.map((question) => [question.question, question]));
const answered = lessons.flatMap(([first, answer]) =>
  answer ? [{ question: asked.get(first!.content)!, answer }] : [],
);

test("a third facts, a third one hop, a third two hops: 16 batches of 128", () => {
  expect(lessons).toHaveLength(2048);
  expect(lessons.length - answered.length).toBe(768);
  expect(answered.filter(({ question }) => question.hops === 1)).toHaveLength(640);
});

test("no two-hop question is about anybody but the sft people", () => {
  const splits = answered.filter(({ question }) => question.hops === 2).map(({ question }) => question.split);
  expect(new Set(splits)).toEqual(new Set(["sft"]));
});

test("one two-hop thought of three leads to the answer", () => {
  const thoughts = answered.filter(({ question, answer }) => question.hops === 2 && answer.thinking);
  const leading = thoughts.filter(({ question, answer }) => answer.thinking === question.thought);
  expect(leading.length / thoughts.length).toBeCloseTo(1 / 3, 10);
});
