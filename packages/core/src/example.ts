/** A question with accepted short answers: one row of a closed-book QA dataset. */
export interface QaExample {
  readonly task: "qa";
  /** `<dataset>/<index>`, such as `nq/12`. Questions repeat within a dataset, positions do not. */
  readonly id: string;
  /** First 16 hex digits of the sha256 of the content, so that a changed row is noticed even at the same position. */
  readonly hash: string;
  readonly question: string;
  /** Accepted answers, any number, in the dataset's order. */
  readonly answers: readonly string[];
  /** The answer as the dataset itself writes it, where `answers` are normalised forms of it. */
  readonly canonicalAnswer?: string;
}

/** A problem whose worked solution ends in a `\boxed{…}` answer: one row of MATH. */
export interface MathExample {
  readonly task: "math";
  readonly id: string;
  readonly hash: string;
  /** The problem text. */
  readonly question: string;
  /** The worked solution; the gold answer is its last box. */
  readonly solution: string;
  /** The dataset configuration it came from, such as `algebra`. */
  readonly type: string;
}

/** One dataset row. */
export type Example = QaExample | MathExample;

/** What a dataset asks of a model, which decides prompts, token limits and graders. */
export type Task = Example["task"];
