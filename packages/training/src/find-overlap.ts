import { normalizeAnswer } from "@pka/grading";

/** A question with its accepted answers. */
export interface AnsweredQuestion {
  readonly question: string;
  readonly answers: readonly string[];
}

/**
 * Training rows that an evaluation asks too: the same question and at least one accepted answer in common, both as the evaluation's
 * grader normalises text. A row without answers is compared by its question alone.
 *
 * @returns Positions in `training`, ascending.
 */
export function findOverlap(
  training: readonly AnsweredQuestion[],
  evaluation: Iterable<AnsweredQuestion>,
): readonly number[] {
  const answersOf = new Map<string, Set<string>>();
  for (const { question, answers } of evaluation) {
    const key = normalizeAnswer(question);
    const known = answersOf.get(key) ?? new Set();
    for (const answer of answers) known.add(normalizeAnswer(answer));
    answersOf.set(key, known);
  }
  return [...training.keys()].filter((index) => {
    const { question, answers } = training[index]!;
    const known = answersOf.get(normalizeAnswer(question));
    return (
      known !== undefined && (answers.length === 0 || answers.some((answer) => known.has(normalizeAnswer(answer))))
    );
  });
}
