/** Raised whenever a sentence of the prompt changes, so that answers refined with two prompts are never mixed. */
export const REFINE_PROMPT_VERSION = "pka-1";

// The structure is the paper's: fixed instructions, six examples, then the answer. The wording is ours.
const INSTRUCTIONS = `You will be given an answer that someone wrote to a question. You will not see the question.
Rewrite the answer so that it commits to one single answer.

Rules:
1. If the answer names several alternatives, keep only the one that it is most confident about. If it is equally confident about all of them, keep the one that it names first.
2. If the answer first says one thing and then settles on another, keep what it settles on.
3. If the answer already commits to a single answer, repeat it as it is.
4. An answer that asks for several things at once, such as a list of members, is a single answer: keep all of it.
5. Do not correct the answer, even if you are sure that it is wrong, and add nothing that it does not say.
6. Reply with the refined answer alone: no explanation, no label in front of it.`;

/** Answers with what refining makes of them: one rule of the instructions each. */
const EXAMPLES: readonly (readonly [original: string, refined: string])[] = [
  ["It was either Lisbon or Porto, but most likely Lisbon.", "Lisbon"],
  ["1912, 1913 or 1914", "1912"],
  ["Marie Curie. No, wait, the question is about chemistry, so it must be Dorothy Hodgkin.", "Dorothy Hodgkin"],
  ["The Danube", "The Danube"],
  ["The three primary colours of light are red, green and blue.", "Red, green and blue"],
  ["The capital of Australia is Sydney.", "Sydney"],
];

const BEFORE = `${INSTRUCTIONS}

${EXAMPLES.map(([original, refined]) => `Original Answer: ${original}\nRefined Answer: ${refined}`).join("\n\n")}

Original Answer: `;
const AFTER = "\nRefined Answer:";

/**
 * What the judge of Ex-Recall is asked, as one user message: make one answer of an answer that hedges, without correcting it.
 * The question is not shown, so the judge cannot answer it in the model's stead.
 *
 * @param answer - As the evaluation extracted it; stands in the prompt as it is.
 * @see `Ex-Recall.py` of arXiv:2602.22193, whose wording differs: instructions and examples there are its authors' own.
 */
export function refinePrompt(answer: string): string {
  return BEFORE + answer + AFTER;
}
