import type { Task } from "@pka/core";
import type { RowIndex } from "../row-index.js";
import { PythonFloat, type PythonJsonValue } from "./python-json.js";

/**
 * `aggregate_metrics` of a result file, and the keys that follow it, as the paper's scripts compute them: rates over all rows,
 * token means over graded rows (over the recalled or correct ones and over the rest), a plain 0 where there is nothing to average.
 */
export function aggregateMetrics(
  task: Task,
  index: RowIndex,
): {
  readonly aggregateMetrics: PythonJsonValue;
  /** The counts at the end of a QA file. */
  readonly trailer: Readonly<Record<string, PythonJsonValue>>;
} {
  const hit = new TokenMean();
  const miss = new TokenMean();
  const all = new TokenMean();
  let correct = 0;
  let numErrors = 0;
  for (let row = 0; row < index.numRows; row++) {
    numErrors += index.numErrorEntries[row]!;
    if (!index.isGraded(row)) continue;
    const tokens = index.numTokens[row]!;
    const isHit = task === "qa" ? index.isRecalled(row) : index.isCorrect(row);
    (isHit ? hit : miss).add(tokens);
    all.add(tokens);
    if (index.isCorrect(row)) correct += 1;
  }
  const rate = (count: number) => new PythonFloat(count / index.numRows);

  if (task === "math") {
    return {
      aggregateMetrics: {
        total_problems: index.numRows,
        correct,
        accuracy: rate(correct),
        extraction_errors: numErrors,
        avg_tokens: all.mean(),
        avg_tokens_correct: hit.mean(),
        avg_tokens_incorrect: miss.mean(),
        num_correct: hit.count,
        num_incorrect: miss.count,
      },
      trailer: {},
    };
  }
  return {
    aggregateMetrics: {
      total_questions: index.numRows,
      exact_match_successes: correct,
      recall_successes: hit.count,
      exact_match_rate: rate(correct),
      recall_rate: rate(hit.count),
      extraction_errors: numErrors,
      avg_tokens_per_response: all.mean(),
      avg_tokens_recalled: hit.mean(),
      avg_tokens_not_recalled: miss.mean(),
      num_recalled: hit.count,
      num_not_recalled: miss.count,
    },
    trailer: { success: correct, recall_hits: hit.count },
  };
}

class TokenMean {
  count = 0;
  #sum = 0;

  add(tokens: number): void {
    this.count += 1;
    this.#sum += tokens;
  }

  /** A float, or the integer 0 where Python's script does not divide. */
  mean(): PythonJsonValue {
    return this.count === 0 ? 0 : new PythonFloat(this.#sum / this.count);
  }
}
