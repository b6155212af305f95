import { expect, test } from "vitest";
import { smallWorld } from "./small-world.js";

const world = smallWorld(0);

function namesOf({ facts }: ReturnType<typeof smallWorld>): string[] {
  return [...new Set(facts.flatMap((fact) => [fact.subject, fact.object]))];
}

function lookUp(subject: string, verb: string): string {
  return world.facts.find((fact) => fact.subject === subject && fact.sentence.includes(` ${verb} `))!.object;
}

test("has 384 facts and 320 one-hop and 320 two-hop questions, no question twice", () => {
  expect(world.facts).toHaveLength(384);
  expect(world.questions.filter((question) => question.hops === 1)).toHaveLength(320);
  expect(world.questions.filter((question) => question.hops === 2)).toHaveLength(320);
  expect(new Set(world.questions.map((question) => question.question)).size).toBe(640);
});

test("splits the people 64 / 48 / 48, each person in one split", () => {
  const people = { sft: new Set<string>(), rl: new Set<string>(), test: new Set<string>() };
  for (const { person, split } of world.questions) people[split].add(person);
  expect([people.sft.size, people.rl.size, people.test.size]).toEqual([64, 48, 48]);
  expect(new Set([...people.sft, ...people.rl, ...people.test]).size).toBe(160);
});

test("every answer follows from the facts, hop by hop", () => {
  for (const { question, person, answers, hops } of world.questions) {
    const first = lookUp(person, question.includes("live") ? "lives" : "works");
    const expected = hops === 1 ? first : lookUp(first, question.includes("country") ? "is" : "does");
    expect(answers).toEqual([expected]);
  }
});

test("a thought ends in the answer and does not repeat the person", () => {
  for (const { thought, answers, person } of world.questions) {
    expect(thought.endsWith(` ${answers[0]}.`)).toBe(true);
    expect(thought).not.toContain(person);
  }
});

test.each([0, 1, 2, 3, 4, 123_456_789])("seed %i: names are one word each and none is part of another", (seed) => {
  const names = namesOf(smallWorld(seed)).map((name) => name.toLowerCase());
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) {
    expect(name).toMatch(/^[a-z]{7,10}$/);
    expect(names.filter((other) => other.includes(name))).toEqual([name]);
  }
});

test("the same seed gives the same world, another seed another", () => {
  expect(smallWorld(7)).toEqual(smallWorld(7));
  expect(namesOf(smallWorld(8))).not.toEqual(namesOf(smallWorld(7)));
});
