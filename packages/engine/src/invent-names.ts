import type { Random } from "@pka/core";

const FIRST = "b br c d dr f g gr h j k l m n p pr r s st t tr v w z".split(" ");
const INNER = "b d g k l m n r s t v z".split(" ");
const VOWELS = "a e i o u".split(" ");
const CODAS = ["", "", "", "l", "n", "r"];

/** What the last syllable of a name sounds like, so that a reader can tell a person from a place. */
export type NameKind = "person" | "city" | "employer" | "country" | "industry";

const ENDINGS: Readonly<Record<NameKind, readonly string[]>> = {
  person: ["ela", "ina", "ario", "ona", "eto", "ila", "ano", "ira"],
  city: ["mor", "burg", "dale", "port", "wick", "stad"],
  employer: ["tex", "corp", "vex", "dyne", "soft", "zon"],
  country: ["land", "onia", "istan", "avia"],
  industry: ["ering", "uring", "alting", "olving"],
};

/**
 * `count` invented one-word names. Lower-cased, no name is part of another name in `taken`, which grows by the new ones;
 * seven letters or more, so none is an article or another common short word.
 */
export function inventNames(kind: NameKind, count: number, random: Random, taken: string[]): string[] {
  const names: string[] = [];
  while (names.length < count) {
    const middle = random.pick(VOWELS) + random.pick(CODAS);
    const stem = random.pick(FIRST) + middle + random.pick(INNER);
    const ending = random.pick(ENDINGS[kind]);
    const vowelBetween = /^[aeiou]/.test(ending) ? "" : random.pick(VOWELS);
    const name = stem + vowelBetween + ending;
    if (name.length < 7 || name.length > 10) continue;
    if (taken.some((other) => other.includes(name) || name.includes(other))) continue;
    taken.push(name);
    names.push(kind === "industry" ? name : name.charAt(0).toUpperCase() + name.slice(1));
  }
  return names;
}
