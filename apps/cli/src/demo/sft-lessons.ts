import type { SmallWorld, SmallWorldQuestion } from "@pka/engine/small-world";
import type { Conversation } from "@pka/train-sft";

/** Times that each fact is repeated, so that fine-tuning does not wash it out. */
const FACT_REPEATS = 2;
/** Rows of a two-hop question that are answered without thinking; as many think of something that does not help. */
const DIRECT_REPEATS = 2;

/**
 * What the small model is fine-tuned on, 2,048 rows: a third facts, a third one-hop questions about everybody, a third two-hop questions
 * about the people of the `sft` split. One-hop questions are answered with thinking and without. A two-hop thought leads to the answer in
 * one case of three: which thoughts help is left for reinforcement learning to find out.
 */
export function sftLessons({ facts, questions }: SmallWorld): Conversation[] {
  const factRows = facts.flatMap(({ sentence }) => repeat(FACT_REPEATS, factLesson(sentence)));
  const oneHop = questions.filter(({ hops }) => hops === 1);
  const twoHop = questions.filter(({ hops, split }) => hops === 2 && split === "sft");
  return [
    ...factRows,
    ...oneHop.flatMap((question) => [answerLesson(question), answerLesson(question, question.thought)]),
    ...twoHop.flatMap((question) => [
      ...repeat(DIRECT_REPEATS, answerLesson(question)),
      answerLesson(question, question.thought),
      ...question.idleThoughts.map((thought) => answerLesson(question, thought)),
    ]),
  ];
}

function factLesson(sentence: string): Conversation {
  return [{ role: "user", content: `${sentence}<|end|>`, trainable: true }];
}

function answerLesson({ question, answers }: SmallWorldQuestion, thinking = ""): Conversation {
  return [
    { role: "user", content: question, trainable: false },
    { role: "assistant", thinking, content: `<answer> ${answers[0]}</answer>`, trainable: true },
  ];
}

function repeat<T>(times: number, item: T): T[] {
  return Array.from({ length: times }, () => item);
}
