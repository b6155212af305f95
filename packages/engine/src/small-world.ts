import { inventNames } from "./invent-names.js";
import { Random } from "@pka/core";

/** Which stage of training asks about a person: supervised fine-tuning, reinforcement learning, or none (held out). */
export type SmallWorldSplit = "sft" | "rl" | "test";

/** One atomic fact, such as "Mirela lives in Velmor." */
export interface SmallWorldFact {
  readonly sentence: string;
  /** The first name in the sentence. */
  readonly subject: string;
  /** The last name in the sentence. */
  readonly object: string;
}

/** A question about one person. */
export interface SmallWorldQuestion {
  readonly question: string;
  /** Accepted answers; always one name. */
  readonly answers: string[];
  /** Facts that have to be put together: 1 "Where does Mirela live?", 2 "Which country does Mirela live in?". */
  readonly hops: 1 | 2;
  readonly person: string;
  readonly split: SmallWorldSplit;
  /**
   * The thought that leads to the answer: "lives in Velmor is in Brenland." Each half is the rest of a fact's sentence,
   * and the person is not named again: a small model that is taught to repeat names memorises them instead of copying.
   */
  readonly thought: string;
  /** Thoughts that do not lead to the answer: what the person has to do with the other topic, and a phrase that says nothing. */
  readonly idleThoughts: readonly string[];
}

/** An invented world whose facts stand in no other text, so that whatever a model knows of it, it learned in training. */
export interface SmallWorld {
  readonly seed: number;
  /** 384 atomic facts: where each of 160 people lives and works, where each city lies, what each employer's industry is. */
  readonly facts: readonly SmallWorldFact[];
  /** 320 one-hop and 320 two-hop questions, two of each per person, in a fixed order. */
  readonly questions: readonly SmallWorldQuestion[];
}

const NUM_PEOPLE = 160;
const NUM_CITIES = 32;
const NUM_EMPLOYERS = 32;
const NUM_COUNTRIES = 10;
const NUM_INDUSTRIES = 10;

const EMPTY_PHRASE = "let me think about it.";

/**
 * The small world of one seed: 160 people, 32 cities in 10 countries, 32 employers in 10 industries, all assigned at random.
 * 64 people (40 %) belong to the `sft` split, 48 (30 %) to `rl`, 48 (30 %) to `test`.
 * The same seed gives the same world on every platform.
 *
 * @param seed - Any finite number.
 */
export function smallWorld(seed = 0): SmallWorld {
  const random = new Random(seed);
  const taken: string[] = [];
  const people = inventNames("person", NUM_PEOPLE, random, taken);
  const cities = inventNames("city", NUM_CITIES, random, taken);
  const employers = inventNames("employer", NUM_EMPLOYERS, random, taken);
  const countries = inventNames("country", NUM_COUNTRIES, random, taken);
  const industries = inventNames("industry", NUM_INDUSTRIES, random, taken);

  const facts: SmallWorldFact[] = [];
  /** Assign an object to every subject and note the fact; the rest of the sentence after the subject is `relation` + object. */
  const relate = (subjects: readonly string[], relation: string, objects: readonly string[]): Map<string, string> => {
    const assigned = new Map<string, string>();
    for (const subject of subjects) {
      const object = random.pick(objects);
      assigned.set(subject, object);
      facts.push({ sentence: `${subject} ${relation} ${object}.`, subject, object });
    }
    return assigned;
  };
  const cityOf = relate(people, "lives in", cities);
  const employerOf = relate(people, "works for", employers);
  const countryOf = relate(cities, "is in", countries);
  const industryOf = relate(employers, "does", industries);

  const splits = new Map(random.shuffle(people).map((person, i): [string, SmallWorldSplit] => [person, splitAt(i)]));
  const questions = people.flatMap((person): SmallWorldQuestion[] => {
    const split = splits.get(person)!;
    const city = cityOf.get(person)!;
    const employer = employerOf.get(person)!;
    const country = countryOf.get(city)!;
    const industry = industryOf.get(employer)!;
    const lives = `lives in ${city}`;
    const works = `works for ${employer}`;
    const ask = (
      question: string,
      hops: 1 | 2,
      answer: string,
      thought: string,
      other: string,
    ): SmallWorldQuestion => ({
      question,
      answers: [answer],
      hops,
      person,
      split,
      thought: `${thought}.`,
      idleThoughts: [`${other}.`, EMPTY_PHRASE],
    });
    return [
      ask(`Where does ${person} live?`, 1, city, lives, works),
      ask(`Who does ${person} work for?`, 1, employer, works, lives),
      ask(`Which country does ${person} live in?`, 2, country, `${lives} is in ${country}`, works),
      ask(`Which industry does ${person} work in?`, 2, industry, `${works} does ${industry}`, lives),
    ];
  });
  return { seed, facts, questions };
}

/** The split of the person at this position of the shuffled list. */
function splitAt(position: number): SmallWorldSplit {
  if (position < NUM_PEOPLE * 0.4) return "sft";
  return position < NUM_PEOPLE * 0.7 ? "rl" : "test";
}
