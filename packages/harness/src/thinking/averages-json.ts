import type { PaperAverages } from "@pka/thinking-tokens";
import { PythonFloat, pythonJson, type PythonJsonValue } from "../result/python-json.js";

/** The file that the paper's script leaves with `--output`: its averages, by the key of each file. */
export function averagesJson(files: Iterable<{ readonly key: string; readonly averages: PaperAverages }>): string {
  return pythonJson(Object.fromEntries([...files].map(({ key, averages }) => [key, fieldsOf(averages)])));
}

function fieldsOf(averages: PaperAverages): PythonJsonValue {
  // Python's script leaves a whole 0 where there is nothing to average.
  const average = (value: number, count: number) => (count === 0 ? 0 : new PythonFloat(value));
  const { totalSamples, numRecalled, numNotRecalled } = averages;
  return {
    total_samples: totalSamples,
    avg_thinking_tokens: average(averages.avgThinkingTokens, totalSamples),
    num_recalled: numRecalled,
    num_not_recalled: numNotRecalled,
    avg_thinking_tokens_recalled: average(averages.avgThinkingTokensRecalled, numRecalled),
    avg_thinking_tokens_not_recalled: average(averages.avgThinkingTokensNotRecalled, numNotRecalled),
  };
}
