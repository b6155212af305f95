import { HAS_SHARED, readShared, SKIPPED } from "@pka/fault-kit/shared-data";
import { describe, expect, test } from "vitest";
import { fixASlashB } from "./math/fix-a-slash-b.js";
import { fixFracs } from "./math/fix-fracs.js";
import { fixSqrt } from "./math/fix-sqrt.js";
import { removeRightUnits } from "./math/remove-right-units.js";
import {
  computeReward,
  extractAnswer,
  extractBeforeCloseTag,
  extractRewardAnswer,
  gradeAnswer,
  gradeRefinedAnswer,
  gradeRewardAnswer,
  isEquiv,
  lastBoxedOnlyString,
  normalizeAnswer,
  normalizeRefinedAnswer,
  normalizeRewardAnswer,
  removeBoxed,
  stripString,
} from "./index.js";

// What the original Python functions say about the published traces and about made-up inputs.

function readRows<Row>(name: string): Row[] {
  return readShared(`vectors/${name}`)
    .toString()
    .split("\n")
    .filter(Boolean)
    .map((line): Row => JSON.parse(line));
}

/** Rewards agree to 1e-12. */
const closeTo = (value: number): unknown => expect.closeTo(value, 12);

interface QaView {
  readonly extracted_prediction: string;
  readonly normalized_prediction: string;
  readonly exact_match: boolean;
  readonly recall: boolean;
}
interface QaRow extends QaView {
  readonly id: string;
  readonly raw_prediction: string;
  readonly ground_truth: readonly string[];
  readonly normalized_ground_truths: readonly string[];
}

function evaluate(extract: (text: string) => string, row: QaRow): QaView {
  const prediction = extract(row.raw_prediction);
  const { exactMatch, recall } = gradeAnswer(prediction, row.ground_truth);
  return {
    extracted_prediction: prediction,
    normalized_prediction: normalizeAnswer(prediction),
    exact_match: exactMatch,
    recall,
  };
}

describe.skipIf(!HAS_SHARED)(`Python vectors${SKIPPED}`, () => {
  test("the evaluation grader agrees on every real row", () => {
    const rows = readRows<QaRow & { extraction: "answer_tags" | "before_close_tag" }>("qa-grading.jsonl.gz");
    expect(rows).toHaveLength(6000);
    for (const row of rows) {
      const extract = row.extraction === "answer_tags" ? extractAnswer : extractBeforeCloseTag;
      expect(row, row.id).toMatchObject(evaluate(extract, row));
      expect(row.ground_truth.map(normalizeAnswer), row.id).toEqual(row.normalized_ground_truths);
    }
  });

  test("the evaluation and Ex-Recall graders agree on every made-up row, with both extractions", () => {
    interface ExRecallView {
      readonly normalized_prediction: string;
      readonly normalized_ground_truths: readonly string[];
      readonly recalled: boolean;
    }
    const rows = readRows<QaRow & { before_close_tag: QaView; ex_recall: ExRecallView }>("qa-adversarial.jsonl");
    expect(rows).toHaveLength(820);
    for (const row of rows) {
      expect(row, row.id).toMatchObject(evaluate(extractAnswer, row));
      expect(row.before_close_tag, row.id).toEqual(evaluate(extractBeforeCloseTag, row));
      expect(row.ground_truth.map(normalizeAnswer), row.id).toEqual(row.normalized_ground_truths);

      const { extracted_prediction: extracted, ground_truth: answers } = row;
      const exRecall: ExRecallView = {
        normalized_prediction: normalizeRefinedAnswer(extracted),
        normalized_ground_truths: answers.map(normalizeRefinedAnswer),
        recalled: gradeRefinedAnswer({ extracted, refined: extracted, answers }).recalled,
      };
      expect(row.ex_recall, row.id).toEqual(exRecall);
    }
  });

  test("the Ex-Recall grader agrees on every refined answer", () => {
    interface ExRecallRow {
      readonly id: string;
      readonly original_extracted: string;
      readonly refined_answer: string;
      readonly ground_truth: readonly string[];
      readonly normalized_refined: string;
      readonly normalized_ground_truths: readonly string[];
      readonly recalled: boolean;
      readonly skipped: boolean;
    }
    const rows = readRows<ExRecallRow>("ex-recall.jsonl.gz");
    expect(rows).toHaveLength(6211);
    for (const row of rows) {
      const { original_extracted: extracted, refined_answer: refined, ground_truth: answers } = row;
      expect(row, row.id).toMatchObject(gradeRefinedAnswer({ extracted, refined, answers }));
      expect(normalizeRefinedAnswer(refined), row.id).toBe(row.normalized_refined);
      expect(answers.map(normalizeRefinedAnswer), row.id).toEqual(row.normalized_ground_truths);
    }
  });

  test("the RL grader and its reward agree on every row, finished or cut", () => {
    interface RewardRow {
      readonly id: string;
      readonly raw_prediction: string;
      readonly ground_truth: readonly string[];
      readonly extracted: string;
      readonly normalized_prediction: string;
      readonly normalized_ground_truths: readonly string[];
      readonly exact_match: boolean;
      readonly recall: boolean;
      readonly correct: number;
      readonly format: number;
      readonly reward: number;
      readonly format_parse_failed: number;
      readonly reward_parse_failed: number;
    }
    const rows = readRows<RewardRow>("rl-grading.jsonl.gz");
    expect(rows).toHaveLength(2820);
    for (const row of rows) {
      const { exact_match: exactMatch, recall, extracted, correct } = row;
      expect(extractRewardAnswer(row.raw_prediction), row.id).toBe(extracted);
      expect(normalizeRewardAnswer(extracted), row.id).toBe(row.normalized_prediction);
      expect(row.ground_truth.map(normalizeRewardAnswer), row.id).toEqual(row.normalized_ground_truths);
      expect(gradeRewardAnswer(extracted, row.ground_truth), row.id).toEqual({ exactMatch, recall });

      const common = { extracted, exactMatch, recall, correct };
      const finished = computeReward(row.raw_prediction, row.ground_truth);
      const cut = computeReward(row.raw_prediction, row.ground_truth, { parsed: false });
      expect(finished, row.id).toEqual({ ...common, format: row.format, reward: closeTo(row.reward) });
      expect(cut, row.id).toEqual({
        ...common,
        format: row.format_parse_failed,
        reward: closeTo(row.reward_parse_failed),
      });
    }
  });

  test("every MATH function agrees, in what it returns and in where it fails", () => {
    interface MathRow {
      readonly id: string;
      readonly fn: keyof typeof functions;
      readonly args: readonly (string | null)[];
      readonly result?: unknown;
      readonly raises?: string;
    }
    const functions = {
      strip_string: stripString,
      is_equiv: isEquiv,
      last_boxed_only_string: lastBoxedOnlyString,
      remove_boxed: removeBoxed,
      fix_fracs: fixFracs,
      fix_a_slash_b: fixASlashB,
      remove_right_units: removeRightUnits,
      fix_sqrt: fixSqrt,
    };
    const rows = readRows<MathRow>("math-equiv.jsonl");
    expect(rows).toHaveLength(2219);
    for (const { id, fn, args, result, raises } of rows) {
      const call = () => Reflect.apply(functions[fn], undefined, args);
      // A missing argument is no string: Python fails on it, and so do we, by throwing.
      if (raises !== undefined && args.includes(null)) expect(call, id).toThrow(TypeError);
      else expect(call(), id).toBe(raises === undefined ? result : null);
    }
  });
});
