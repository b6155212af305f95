import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { HAS_SHARED, readShared, SKIPPED, temporaryFolder } from "@pka/fault-kit";
import { countCharacters, type ModelType } from "@pka/thinking-tokens";
import { describe, expect, test } from "vitest";
import { ResultRowError } from "../result/result-row.js";
import { averagesJson } from "./averages-json.js";
import { measureFile } from "./measure-file.js";
import { measureThinking } from "./measure-thinking.js";

function write(folder: string, name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

const harmony = (thought: string) => `<|channel|>analysis<|message|>${thought}<|end|>`;
const options = { modelType: "gpt-oss-20b", lengthOf: countCharacters } as const;

test("a thought that was cut is no thought in the paper's averages, and is shown beside them", async () => {
  const results = [
    { question: "a", raw_prediction: harmony("abc"), recall: true },
    { question: "b", raw_prediction: "<|channel|>analysis<|message|>abcdefg", recall: false },
    { question: "c", raw_prediction: "<|channel|>final<|message|>x", recall: false },
  ];
  const { averages, summary } = await measureFile(write(temporaryFolder(), "x.json", { results }), options);
  expect(averages).toMatchObject({ avgThinkingTokens: 1, avgThinkingTokensNotRecalled: 0 });
  expect(summary.states).toEqual({ closed: 1, unclosed: 1, none: 1 });
  expect(summary.lengths).toMatchObject({ min: 3, max: 7 });
});

test("refined verdicts go by position; a refinement that failed is wrong for the paper and unjudged here", async () => {
  const folder = temporaryFolder();
  const results = ["a", "b", "c", "d"].map((question) => ({ question, raw_prediction: harmony("x"), recall: true }));
  const refinedPath = write(folder, "ex_x.json", {
    results: [
      { question: "a", recalled: true },
      { question: "b", recalled: false, error: "timeout" },
      { question: "B", recalled: false },
    ],
  });
  const file = await measureFile(write(folder, "x.json", { results }), { ...options, refinedPath });
  expect(file.averages).toMatchObject({ numRecalled: 2, numNotRecalled: 2 });
  expect(file.summary.numUnjudged).toBe(1);
  expect(file.refined).toEqual({ missing: 1, surplus: 0, otherQuestion: 1 });
});

test("a row without a completion counts as an empty one, and is counted", async () => {
  const path = write(temporaryFolder(), "x.json", {
    results: [{ raw_prediction: null, recall: true }, { recall: true }],
  });
  const file = await measureFile(path, options);
  expect(file.numWithoutText).toBe(2);
  expect(file.averages).toMatchObject({ totalSamples: 2, avgThinkingTokens: 0 });
});

test("a row that is none is named", async () => {
  const path = write(temporaryFolder(), "x.json", { results: [{ raw_prediction: "" }, { raw_prediction: 7 }] });
  await expect(measureFile(path, options)).rejects.toThrow(ResultRowError);
  await expect(measureFile(path, options)).rejects.toThrow(/row 1 .*raw_prediction/s);
});

describe.skipIf(!HAS_SHARED)(`vectors of the paper's script${SKIPPED}`, () => {
  interface Stats {
    readonly total_samples: number;
    readonly num_recalled: number;
    readonly num_not_recalled: number;
    readonly [average: `avg_${string}`]: number;
  }
  interface Vectors {
    readonly file_pairs: readonly {
      file: string;
      ex_file: string | null;
      model_type: ModelType | null;
      stats: Stats;
    }[];
    readonly directory_runs: readonly {
      files: readonly string[];
      model_type_argument: string | null;
      result: Record<string, Stats>;
    }[];
    readonly synthetic_pairs: readonly {
      name: string;
      model_type: string;
      original: object;
      ex: object | null;
      stats?: Stats;
      raises?: string;
    }[];
  }
  const vectors: Vectors = HAS_SHARED
    ? JSON.parse(readShared("vectors/thinking-stats.json").toString())
    : { file_pairs: [], directory_runs: [], synthetic_pairs: [] };
  const MODEL_TYPES: readonly string[] = ["gpt-oss-20b", "olmo-3-7b-think", "r1-distill-qwen-1.5b"];

  /** Only that every text of another model is empty is not said by `measureFile`: the script's other types find no thinking. */
  const optionsFor = (modelType: string | null) =>
    modelType !== null && MODEL_TYPES.includes(modelType)
      ? { modelType: modelType as ModelType, lengthOf: countCharacters }
      : { modelType: "gpt-oss-20b" as const, lengthOf: () => 0 };

  function expectStats(
    averages: Parameters<typeof averagesJson>[0] extends Iterable<infer File> ? File : never,
    stats: Stats,
  ) {
    const written = JSON.parse(averagesJson([averages])) as Record<string, Stats>;
    const found = written[averages.key]!;
    expect(Object.keys(found)).toEqual(Object.keys(stats));
    for (const [name, value] of Object.entries(stats)) {
      expect(Math.abs(found[name as "total_samples"] - value)).toBeLessThanOrEqual(1e-9 * Math.abs(value));
    }
  }

  /** A published file, unpacked under its own name. */
  function unpack(folder: string, file: string): string {
    const path = join(folder, basename(file));
    writeFileSync(path, readShared(`paper-traces/${file}.gz`));
    return path;
  }
  const isAtHand = (file: string) => {
    try {
      return readShared(`paper-traces/${file}.gz`).length > 0;
    } catch {
      return false;
    }
  };

  const atHand = vectors.file_pairs.filter(({ file }) => isAtHand(file));

  test("7 of the 8 files are at hand", () => {
    expect([vectors.file_pairs.length, atHand.length]).toEqual([8, 7]);
  });

  test.each(atHand)("$file with $ex_file", async ({ file, ex_file, model_type, stats }) => {
    const folder = temporaryFolder();
    const refinedPath = ex_file === null ? undefined : unpack(folder, ex_file);
    const measured = await measureFile(unpack(folder, file), { ...optionsFor(model_type), refinedPath, resamples: 10 });
    expectStats({ key: file, averages: measured.averages }, stats);
  });

  test.each(vectors.directory_runs.map((run, index) => ({ ...run, index })))(
    "folder run $index: --model-type $model_type_argument",
    async ({ files, model_type_argument: argument, result }) => {
      // The script's r1-qwen finds no thinking; here it is a spelling of r1-distill-qwen-1.5b.
      const isUnknown = argument !== null && !MODEL_TYPES.includes(argument);
      const folder = temporaryFolder();
      const keys = new Map(files.map((file) => [basename(unpack(folder, file)), file]));
      const found = new Map<string, unknown>();
      const reports = measureThinking(folder, {
        ...(argument !== null && { modelType: optionsFor(argument).modelType }),
        openLength: async () => (isUnknown ? () => 0 : countCharacters),
        resamples: 10,
      });
      for await (const report of reports) {
        if (report.type !== "measured") continue;
        const key = keys.get(report.key)!;
        found.set(key, report);
        expectStats({ key, averages: report.averages }, result[key]!);
      }
      expect([...found.keys()].toSorted()).toEqual(Object.keys(result).toSorted());
    },
  );

  test.each(vectors.synthetic_pairs)("$name", async ({ model_type, original, ex, stats, raises }) => {
    const folder = temporaryFolder();
    const refinedPath = ex === null ? undefined : write(folder, "ex_x.json", ex);
    const measured = await measureFile(write(folder, "x.json", original), { ...optionsFor(model_type), refinedPath });
    // Where the script stops at a missing completion, the row is counted apart.
    if (stats === undefined) expect([raises, measured.numWithoutText]).toEqual(["TypeError", 1]);
    else expectStats({ key: "x.json", averages: measured.averages }, stats);
  });
});
