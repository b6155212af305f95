import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { onTestFinished } from "vitest";

/** A folder with these files, by their path in it; names that end in `.gz` are gzipped. Removed when the test has finished. */
export function resultsFolder(files: Readonly<Record<string, string | object>>): string {
  const folder = mkdtempSync(join(tmpdir(), "pka-report-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    const text = typeof content === "string" ? content : JSON.stringify(content);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, name.endsWith(".gz") ? gzipSync(text) : text);
  }
  return folder;
}

/** A QA row of a result file. */
export function qaRow(question: string, recall: boolean, more: object = {}): object {
  return {
    question,
    ground_truth: ["gold"],
    raw_prediction: `<answer>${recall ? "gold" : "lead"}</answer>`,
    extracted_prediction: recall ? "gold" : "lead",
    num_tokens: 10,
    exact_match: false,
    recall,
    ...more,
  };
}

/** The row of answer refinement that belongs to {@link qaRow}. */
export function refinedRow(question: string, recalled: boolean): object {
  return {
    question,
    original_extracted: "gold",
    refined_answer: recalled ? "gold" : "lead",
    ground_truth: ["gold"],
    recalled,
    skipped: false,
  };
}
