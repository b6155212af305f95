import { computeReward, extractRewardAnswer, finalMessage, gradeAnswer, type Reward } from "@pka/grading";
import type { Message, ParsedResponse } from "@pka/renderers";
import type { Problem } from "./problems.js";

/** A completion judged. */
export interface Judgement {
  readonly reward: number;
  /** Averaged over rollouts into `env/all/<name>`. */
  readonly metrics: Readonly<Record<string, number>>;
  /** What the reward was given for, for people. */
  readonly summary: string;
}

/** What the model is asked, and what it earns. */
export interface RlEnv {
  messages(problem: Problem): readonly Message[];
  judge(response: ParsedResponse, problem: Problem): Judgement;
}

/** Options of `triviaEnv`. */
export interface TriviaEnvOptions {
  /** Follows the question. Default the paper's; it starts with a space. */
  readonly instruction?: string;
  /**
   * `true`: an answer counts only where the completion came to its end and its final message holds exactly one closed
   * `<answer>…</answer>`; else the format part is lost and nothing is earned. Default `false`, the paper's: any completion that came to
   * its end has the format, and without a closed tag all of it is the answer.
   */
  readonly strictFormat?: boolean;
  /** What a lost format costs. Default 0.1, the paper's. */
  readonly formatCoefficient?: number;
}

const INSTRUCTION = " Give your final answer in <answer></answer> tags.";

/**
 * The paper's environment: the question with the instruction in one user message; 1 for an exact match, 0.5 where an accepted answer
 * stands anywhere in the prediction, and 0.1 less for a completion that was cut.
 *
 * Three metrics watch for answers that please the reward and not the reader: `answers_per_response` (answer tags opened),
 * `no_answer_tag` (share without a closed one) and `substring_only` (share rewarded though no accepted answer stands in the prediction
 * as whole words).
 *
 * @see `scripts/rl/trivia_env.py` of arXiv:2602.22193.
 */
export function triviaEnv(options: TriviaEnvOptions = {}): RlEnv {
  const { instruction = INSTRUCTION, strictFormat = false, formatCoefficient = 0.1 } = options;
  return {
    messages: ({ question }) => [{ role: "user", content: question + instruction }],

    judge({ text, isComplete }, { answers }) {
      const paper = computeReward(text, answers, { parsed: isComplete, formatCoefficient });
      const hasFormat = !strictFormat || (isComplete && hasOneAnswer(text));
      const graded = hasFormat ? paper : nothingEarned(paper, formatCoefficient);
      const { exactMatch, recall } = graded;
      return {
        reward: graded.reward,
        metrics: {
          format: graded.format,
          correct: graded.correct,
          EM_rate: Number(exactMatch),
          Recall_only_rate: Number(recall && !exactMatch),
          EM_or_Recall_rate: Number(recall),
          Neither_rate: Number(!recall),
          answers_per_response: text.match(/<answer>/gi)?.length ?? 0,
          no_answer_tag: Number(!hasClosedAnswer(text)),
          substring_only: Number(recall && !exactMatch && !gradeAnswer(extractRewardAnswer(text), answers).recall),
        },
        summary: `format ${graded.format ? "✓" : "✗"}, correct ${exactMatch ? "EM" : recall ? "Recall" : "✗"}`,
      };
    },
  };
}

function hasClosedAnswer(text: string): boolean {
  const open = text.search(/<answer>/i);
  return open >= 0 && /<\/answer>/i.test(text.slice(open));
}

function hasOneAnswer(text: string): boolean {
  const final = finalMessage(text);
  return (
    final !== null &&
    /^(?:(?!<\/?answer>).)*<answer>(?:(?!<\/?answer>).)+<\/answer>(?:(?!<\/?answer>).)*$/is.test(final)
  );
}

function nothingEarned(reward: Reward, formatCoefficient: number): Reward {
  return { ...reward, exactMatch: false, recall: false, correct: 0, format: 0, reward: -formatCoefficient };
}
