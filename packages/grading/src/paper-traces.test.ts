import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { extractAnswer, extractBeforeCloseTag, gradeAnswer, gradeRefinedAnswer } from "./index.js";

// Complete result files of the paper, graded again.
const shared = process.env["PKA_SHARED"] ?? fileURLToPath(new URL("../../../../shared", import.meta.url));
const isMissing = !existsSync(shared);
const title = isMissing ? "the paper's result files (skipped: PKA_SHARED not found)" : "the paper's result files";

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

const tracePath = (file: string): string => `${shared}/paper-traces/${file}.gz`;

function readRows<Row>(file: string): Row[] {
  const content: { results: Row[] } = JSON.parse(gunzipSync(readFileSync(tracePath(file))).toString());
  return content.results;
}

function availableFiles(): (BaseFile | ExFile)[] {
  if (isMissing) return [];
  const content: { files: (BaseFile | ExFile)[] } = JSON.parse(
    readFileSync(`${shared}/vectors/aggregates.json`, "utf8"),
  );
  return content.files.filter(({ file }) => existsSync(tracePath(file)));
}

describe.skipIf(isMissing)(title, () => {
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
