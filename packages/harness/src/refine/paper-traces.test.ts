import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HAS_SHARED, readShared, SKIPPED, temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { judgeOf, refineOptions } from "../__fixtures__/refine.js";
import { PAPER_EX_TRACES } from "../__fixtures__/paper-traces.js";
import { refine } from "./refine.js";

interface ExRow {
  readonly question: string;
  readonly original_extracted: string;
  readonly refined_answer: string;
  readonly ground_truth: string[];
  readonly recalled: boolean;
  readonly skipped: boolean;
}

/** A judge that gives the file's replies, for equal answers in the order of the file. */
function judgeOfTrace(rows: readonly ExRow[]) {
  const replies = new Map<string, string[]>();
  for (const { original_extracted: extracted, refined_answer: refined } of rows) {
    replies.set(extracted, [...(replies.get(extracted) ?? []), refined]);
  }
  return judgeOf((extracted) => replies.get(extracted)!.shift()!);
}

/** The paper's result file where it is at hand, else what refinement reads of it. */
function writePaperSource(folder: string, exPath: string, rows: readonly ExRow[]): string {
  const basePath = exPath.replace("/ex_", "/");
  const path = join(folder, basePath.split("/").at(-1)!.replace(".gz", ""));
  let base: Buffer | string;
  try {
    base = readShared(basePath);
  } catch {
    base = JSON.stringify({
      results: rows.map(({ question, original_extracted, ground_truth }) => ({
        question,
        extracted_prediction: original_extracted,
        ground_truth,
      })),
    });
  }
  writeFileSync(path, base);
  return path;
}

test.skipIf(!HAS_SHARED).each(PAPER_EX_TRACES)(
  `with the judge's replies of %s the file is the paper's, byte for byte${SKIPPED}`,
  async (exPath) => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "source"));
    const paper = readShared(exPath);
    const rows: ExRow[] = JSON.parse(paper.toString()).results;
    const sourcePath = writePaperSource(join(folder, "source"), exPath, rows);

    // The paper's script asked about equal answers every time, and sometimes got different replies.
    const judge = judgeOfTrace(rows);
    const more = { outputDir: folder, concurrency: 1 };
    const { summary, resultPath } = await refine(refineOptions(sourcePath, judge, more));
    expect(readFileSync(resultPath).equals(paper)).toBe(true);
    const numSkipped = rows.filter(({ skipped }) => skipped).length;
    expect(summary).toMatchObject({ total: rows.length, skipped: numSkipped, errors: 0, notAsked: 0, reused: 0 });
    expect(summary.recall.successes).toBe(rows.filter(({ recalled }) => recalled).length);

    // With reuse, equal answers get the first of their replies.
    const first = judgeOfTrace(rows);
    const reused = await refine(refineOptions(sourcePath, first, { outputDir: join(folder, "reused"), reuse: true }));
    expect(first.asked).toHaveLength(new Set(rows.map((row) => row.original_extracted).filter(Boolean)).size);
    expect(reused.summary.reused).toBe(judge.asked.length - first.asked.length);
    const firstReplies = new Map(rows.toReversed().map((row) => [row.original_extracted, row.refined_answer]));
    const { results } = JSON.parse(readFileSync(reused.resultPath, "utf8")) as { results: ExRow[] };
    expect(results.map((row) => row.refined_answer)).toEqual(rows.map((r) => firstReplies.get(r.original_extracted)));
  },
  60_000,
);
