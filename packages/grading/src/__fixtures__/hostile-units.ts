const TAGS = [
  "<",
  "<a",
  "<>",
  "<answer>",
  "</answer>",
  "<answer> </answer>",
  "</think>",
  "&",
  "&amp",
  "&#1",
  "&a",
  "<|channel|>final",
  "<|message|>",
];
const LETTERS = [" ", "\t\u00a0", "a", "a ", "_", "“a", "\u0301", "\u{1d400}", "\ud800", "\udc00", "Σ"];
const LATEX = [
  "{",
  "}",
  "\\",
  "\\boxed{",
  "\\boxed ",
  "\\fbox{",
  "\\frac",
  "\\frac1",
  "\\sqrt1",
  "\\text{ ",
  "\\%",
  "/",
  "=",
  "1_",
  " .",
];

/** Repeated, they make texts on which a careless grader takes quadratic time. */
export const HOSTILE_UNITS: readonly string[] = [...TAGS, ...LETTERS, ...LATEX];
