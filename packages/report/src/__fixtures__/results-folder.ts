import { gzipSync } from "node:zlib";
import { temporaryFolder } from "@pka/fault-kit";

/** A folder with these files, by their path in it; names that end in `.gz` are gzipped. Removed when the test has finished. */
export function resultsFolder(files: Readonly<Record<string, string | object>>): string {
  const texts = Object.entries(files).map(([name, content]) => {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    return [name, name.endsWith(".gz") ? gzipSync(text) : text];
  });
  return temporaryFolder(Object.fromEntries(texts));
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
