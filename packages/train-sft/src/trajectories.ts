import { PkaError } from "@pka/core";
import { type Conversation, conversation } from "./conversations.js";

/** A file of trajectories cannot be trained on. */
export class TrajectoryError extends PkaError {
  readonly code = "trajectories_invalid";

  constructor(
    readonly path: string,
    problem: string,
  ) {
    super(`${path}: ${problem}`);
  }
}

/** One answered question of a result file. */
export interface TrajectoryRow {
  /** 0-based position among the rows of the file. */
  readonly index: number;
  readonly question: string | null | undefined;
  /** `raw_prediction`: all that the model wrote, markup included. */
  readonly text: string | null | undefined;
  /** `recall`; missing counts as false. */
  readonly recalled: boolean | undefined;
}

/** A completion in two parts. */
export interface Trajectory {
  readonly thinking: string;
  readonly content: string;
}

/** Takes a completion apart; `undefined` where it lacks the markup of its chat format. */
export type SplitTrajectory = (text: string) => Trajectory | undefined;

const ANALYSIS = "<|channel|>analysis<|message|>";
const FINAL = /<\|channel\|>final<\|message\|>(.*)/s;
const MARKUP = /<\|(?:start|channel|constrain|message|end|return|call)\|>/;

/**
 * gpt-oss: the first closed analysis message, and all that follows the first final header.
 *
 * @returns `undefined` without a final message, or where its text holds more markup.
 */
export function splitHarmonyTrajectory(text: string): Trajectory | undefined {
  const content = FINAL.exec(text)?.[1];
  if (content === undefined || MARKUP.test(content)) return undefined;
  return paperTrajectory(text);
}

/** As the paper's script takes a completion apart: without a final message the whole text is the content, markup included. */
function paperTrajectory(text: string): Trajectory {
  return { thinking: firstAnalysis(text), content: FINAL.exec(text)?.[1] ?? text };
}

function firstAnalysis(text: string): string {
  const start = text.indexOf(ANALYSIS);
  const end = text.indexOf("<|end|>", start + ANALYSIS.length);
  return start < 0 || end < 0 ? "" : text.slice(start + ANALYSIS.length, end);
}

/** The embedded model: the thought stands before `</think>`. */
export function splitThinkTrajectory(text: string): Trajectory | undefined {
  const at = text.indexOf("</think>");
  if (at < 0) return undefined;
  return { thinking: text.slice(0, at).trim(), content: text.slice(at + "</think>".length).trim() };
}

/** Conversations to train on, and what became of the other rows. */
export interface Trajectories {
  readonly conversations: readonly Conversation[];
  /** The questions, in the same order. */
  readonly questions: readonly string[];
  readonly numRows: number;
  /** Recalled rows whose markup is not as it should be. */
  readonly numMalformed: number;
}

/**
 * Reasoning fine-tuning: the recalled rows of a result file, thought and answer as the model wrote them.
 *
 * @param options.split - Default {@link splitHarmonyTrajectory}.
 * @param options.dropMalformed - Leave out rows whose markup is not as it should be. By default they are trained on as the paper's
 * script does.
 * @throws TrajectoryError when a recalled row lacks its question or text, or nothing is left to train on.
 */
export function recalledTrajectories(
  rows: Iterable<TrajectoryRow>,
  path: string,
  options: { readonly split?: SplitTrajectory; readonly dropMalformed?: boolean } = {},
): Trajectories {
  const { split = splitHarmonyTrajectory, dropMalformed = false } = options;
  const conversations: Conversation[] = [];
  const questions: string[] = [];
  let numRows = 0;
  let numMalformed = 0;
  for (const { index, question, text, recalled } of rows) {
    numRows += 1;
    if (recalled !== true) continue;
    const missing = question ? (text ? undefined : "raw_prediction") : "question";
    if (missing !== undefined) {
      throw new TrajectoryError(path, `row ${index} (counted from 0) is recalled and has no ${missing}`);
    }
    const trajectory = split(text!);
    if (trajectory === undefined) numMalformed += 1;
    if (trajectory === undefined && dropMalformed) continue;
    conversations.push(conversation(question!, trajectory ?? paperTrajectory(text!)));
    questions.push(question!);
  }
  if (conversations.length > 0) return { conversations, questions, numRows, numMalformed };
  const reason =
    numMalformed > 0
      ? `all ${numMalformed} recalled rows are malformed`
      : `none of the ${numRows} rows is recalled (recall: true)`;
  throw new TrajectoryError(path, `nothing to train on: ${reason}. Trajectories are made by pka eval --split train`);
}
