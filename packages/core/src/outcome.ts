/**
 * What became of one question. Only `answered` is graded as it stands; every other outcome is reported by its name,
 * never silently as a wrong answer.
 *
 * `empty` no text · `truncated` cut inside the answer · `truncated-thinking` cut before the thinking ended ·
 * `refused` the provider declined · `unparsed` no answer could be read from the text · `error` no completion could be had.
 */
export type Outcome = "answered" | "empty" | "truncated" | "truncated-thinking" | "refused" | "unparsed" | "error";

/** Every {@link Outcome}, in the order in which they are reported. */
export const OUTCOMES: readonly Outcome[] = [
  "answered",
  "empty",
  "truncated",
  "truncated-thinking",
  "refused",
  "unparsed",
  "error",
];
