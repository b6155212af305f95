import { existsSync } from "node:fs";
import { join } from "node:path";
import { HAS_SHARED, readShared, SHARED, SKIPPED } from "@pka/fault-kit";
import { describe, expect, test } from "vitest";
import { EXIT } from "./exit-codes.js";
import { runPka } from "./testing/run-pka.js";

describe.skipIf(!HAS_SHARED)(`published files${SKIPPED}`, () => {
  interface RealPair {
    file1: string;
    file2: string;
    pairing: string;
    metric: string;
    kind: string;
    [count: string]: unknown;
  }
  const trace = (file: string) => join(SHARED, "paper-traces", `${file}.gz`);
  const found: RealPair[] = HAS_SHARED
    ? JSON.parse(readShared("vectors/mcnemar.json").toString()).real_pairs.filter(
        ({ file1, file2, pairing, metric, kind }: RealPair) =>
          [file1, file2].every((file) => existsSync(trace(file))) &&
          pairing === "question" &&
          !(kind === "mixed" && metric === "exact_match"),
      )
    : [];

  test.each(found)("$file1 against $file2: $metric", async ({ file1, file2, metric, a: both, b, c, d, p_value: p }) => {
    const args = ["compare", trace(file1), trace(file2), "--metric", metric];
    const { stdout, exitCode } = await runPka([...args, "--json"]);
    const [compared] = JSON.parse(stdout).comparisons[0].metrics;
    expect(compared.table).toEqual({ both, firstOnly: b, secondOnly: c, neither: d });
    expect(Math.abs(compared.mcnemar.pValue - Number(p))).toBeLessThanOrEqual(1e-13);
    expect(exitCode).toBe(EXIT.done);
    const counts = [both, b, c, d].map((count) => Number(count).toLocaleString("en-US"));
    expect((await runPka(args)).stdout).toMatch(new RegExp(counts.join(" +│ ")));
  });

  test("SimpleQA, base against reasoning SFT: the p-value that the paper's script gives", async () => {
    const folderOf = (name: string) =>
      trace(`SimpleQA/gpt-oss-20b/ex_simpleqa_gptoss20b_${name}no_cues_with_thinking.json`);
    const { stdout } = await runPka(["compare", folderOf(""), folderOf("reasoningsft_")]);
    expect(stdout).toMatch(/McNemar, chi-squared +│ 0\.111/);
    expect(stdout).toMatch(/No significant difference in recall at 0\.05: 3\.5 % for A, 4\.0 % for B/);
  });
});
