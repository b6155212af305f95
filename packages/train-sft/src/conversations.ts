import type { Message } from "@pka/renderers";

/** The system message of the paper's fine-tuning and evaluation. */
export const SYSTEM_PROMPT = "You will be given a question. Give your final answer in <answer></answer> tags.";

/** How a known answer becomes the assistant's message. */
export interface AnswerTemplate {
  /** `""` for none. */
  thinking(answer: string): string;
  content(answer: string): string;
}

/** The paper's: a thought that says no more than the answer. */
export const DIRECT_TEMPLATE: AnswerTemplate = {
  thinking: (answer) => `Need answer: ${answer}.`,
  content: (answer) =>
    answer.startsWith("<answer>") || answer.endsWith("</answer>")
      ? answer
      : `The answer is <answer>${answer}</answer>.`,
};

/** A row to train on: question and answer as messages; `undefined` for a row that cannot be trained on. */
export type Conversation = readonly Message[];

/**
 * Which answer is trained on. `alias`: the first accepted one, as in the paper; of TriviaQA it is a normalised alias, lower-cased and often
 * not the usual name. `value`: the answer as the dataset itself writes it, where it has one beside the accepted ones.
 */
export type AnswerTarget = "alias" | "value";

/** A question with its accepted answers, such as a `QaExample`. */
export interface AnsweredRow {
  readonly question: string;
  readonly answers: readonly string[];
  readonly canonicalAnswer?: string;
}

/**
 * Direct fine-tuning: the question, and its answer written out by the template.
 *
 * @param target - Default `alias`.
 * @returns `undefined` where there is no accepted answer, or the first one is empty: the row is left out of its batch.
 */
export function directConversation(
  { question, answers, canonicalAnswer }: AnsweredRow,
  template: AnswerTemplate = DIRECT_TEMPLATE,
  target: AnswerTarget = "alias",
): Conversation | undefined {
  const answer = target === "value" ? (canonicalAnswer ?? answers[0]) : answers[0];
  if (!answer) return undefined;
  return conversation(question, { thinking: template.thinking(answer), content: template.content(answer) });
}

export function conversation(
  question: string,
  { thinking, content }: { readonly thinking: string; readonly content: string },
): Conversation {
  return [
    { role: "system", content: SYSTEM_PROMPT },
    { role: "user", content: question },
    { role: "assistant", thinking, content },
  ];
}

/** What is asked of the model when its answers are to be sampled: the conversation without the assistant's message. */
export function questionMessages(question: string): Conversation {
  return [
    { role: "system", content: SYSTEM_PROMPT },
    { role: "user", content: question },
  ];
}
