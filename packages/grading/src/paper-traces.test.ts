import { existsSync } from "node:fs";
import { HAS_SHARED, readShared, SHARED, SKIPPED } from "@pka/fault-kit/shared-data";
import { describe, expect, test } from "vitest";
import { extractAnswer, extractBeforeCloseTag, gradeAnswer, gradeRefinedAnswer } from "./index.js";

// Complete result files of the paper, graded again.

interface BaseFile {
  readonly file: string;
  readonly kind: "base";
  readonly extraction: "answer_tags" | "before_close_tag";
  readonly aggregate_metrics: { readonly exact_match_successes: number; readonly recall_successes: number };
}
interface ExFile {
  readonly file: string;
  readonly kind: "ex";
  readonly recalled: number;
  readonly skipped: number;
}
interface BaseRow {
  readonly ground_truth: readonly string[];
  readonly raw_prediction: string;
  readonly extracted_prediction: string;
  readonly exact_match: boolean;
  readonly recall: boolean;
}
interface ExRow {
  readonly original_extracted: string;
  readonly refined_answer: string;
  readonly ground_truth: readonly string[];
  readonly recalled: boolean;
  readonly skipped: boolean;
}

function readRows<Row>(file: string): Row[] {
  const content: { results: Row[] } = JSON.parse(readShared(`paper-traces/${file}.gz`).toString());
  return content.results;
}

function availableFiles(): (BaseFile | ExFile)[] {
  if (!HAS_SHARED) return [];
  const content: { files: (BaseFile | ExFile)[] } = JSON.parse(readShared("vectors/aggregates.json").toString());
  return content.files.filter(({ file }) => existsSync(`${SHARED}/paper-traces/${file}.gz`));
}

describe.skipIf(!HAS_SHARED)(`the paper's result files${SKIPPED}`, () => {
  const files = availableFiles();

  test("there are base and refined files to grade", () => {
    expect(files.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["base", "ex"]));
  });

  test.each(files.filter((file) => file.kind === "base"))("$file regrades to its stored rows and counts", (stored) => {
    const extract = stored.extraction === "answer_tags" ? extractAnswer : extractBeforeCloseTag;
    let exactMatches = 0;
    let recalls = 0;
    for (const [index, row] of readRows<BaseRow>(stored.file).entries()) {
      const prediction = extract(row.raw_prediction);
      const { exactMatch, recall } = gradeAnswer(prediction, row.ground_truth);
      expect([prediction, exactMatch, recall], `row ${index}`).toEqual([
        row.extracted_prediction,
        row.exact_match,
        row.recall,
      ]);
      exactMatches += Number(exactMatch);
      recalls += Number(recall);
    }
    expect(exactMatches).toBe(stored.aggregate_metrics.exact_match_successes);
    expect(recalls).toBe(stored.aggregate_metrics.recall_successes);
  });

  test.each(files.filter((file) => file.kind === "ex"))("$file regrades to its stored rows and counts", (stored) => {
    let numRecalled = 0;
    let numSkipped = 0;
    for (const [index, row] of readRows<ExRow>(stored.file).entries()) {
      const { original_extracted: extracted, refined_answer: refined, ground_truth: answers } = row;
      const { recalled, skipped } = gradeRefinedAnswer({ extracted, refined, answers });
      expect([recalled, skipped], `row ${index}`).toEqual([row.recalled, row.skipped]);
      numRecalled += Number(recalled);
      numSkipped += Number(skipped);
    }
    expect(numRecalled).toBe(stored.recalled);
    expect(numSkipped).toBe(stored.skipped);
  });
});
