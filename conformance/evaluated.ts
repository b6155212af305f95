import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The result file's part that the suites look at. */
interface ResultFile {
  readonly results: readonly {
    readonly question: string;
    readonly raw_prediction: string;
    readonly extracted_prediction: string;
    readonly num_tokens: number;
  }[];
  readonly aggregate_metrics: { readonly total_questions: number; readonly avg_tokens_per_response: number };
  readonly errors: readonly unknown[];
}

/** A journal line of a question that was answered. */
interface Attempt {
  readonly type: string;
  readonly outcome: string;
  readonly completion: {
    readonly text: string;
    readonly thinking?: string;
    readonly answer?: string;
    readonly finishReason: string;
    readonly usage: { readonly promptTokens: number; readonly completionTokens: number };
  };
}

/** What one `pka eval` left in its output folder: the result file in the paper's format, and the attempts of the journal. */
export async function readEvaluated(folder: string): Promise<ResultFile & { readonly attempts: readonly Attempt[] }> {
  const names = await readdir(folder);
  const only = async (extension: string): Promise<string> => {
    const [name, ...more] = names.filter((file) => file.endsWith(extension));
    if (name === undefined || more.length > 0) throw new Error(`${folder} holds ${names.join(", ")}`);
    return readFile(join(folder, name), "utf8");
  };
  const result: ResultFile = JSON.parse(await only(".json"));
  const lines = (await only(".jsonl")).trimEnd().split("\n");
  const records: readonly Attempt[] = lines.map((line) => JSON.parse(line));
  return { ...result, attempts: records.filter(({ type }) => type === "attempt") };
}
