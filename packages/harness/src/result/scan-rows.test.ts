import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { HAS_SHARED, readShared, SKIPPED, temporaryFolder } from "@pka/fault-kit";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { collect } from "../__fixtures__/run.js";
import { metricValue } from "./metric-value.js";
import { type RowEntry, scanRows } from "./scan-rows.js";

async function scan(text: string | Buffer, options?: { lenient: boolean }): Promise<RowEntry[]> {
  const path = join(temporaryFolder(), "rows.json");
  writeFileSync(path, text);
  return (await collect(scanRows(path, options))).flat();
}

const rowsOf = (entries: readonly RowEntry[]) =>
  entries.flatMap((entry) => (entry.type === "row" ? [entry.value] : []));

test.each([
  { name: "a list over several lines", text: '[\n {"a": 1},\n {"b": []}\n]\n', rows: [{ a: 1 }, { b: [] }] },
  { name: "a document over several lines", text: '{"results": [\n{"a": 1},\n5], "e": [7]}', rows: [{ a: 1 }, 5] },
  {
    name: "one row over several lines",
    text: '{\n"question": "a",\n"ground_truth": []}',
    rows: [{ question: "a", ground_truth: [] }],
  },
  { name: "lines that end in \\r", text: '{"a":1}\r{"a":2}\r', rows: [{ a: 1 }, { a: 2 }] },
  { name: "an empty document list", text: "[]", rows: [] },
  { name: "lone surrogates", text: '[{"q":"\\ud800"},{"q":"\\udfff x"}]', rows: [{ q: "\ud800" }, { q: "\udfff x" }] },
])("$name", async ({ text, rows }) => {
  expect(rowsOf(await scan(text))).toEqual(rows);
});

test("a first line of 9 MB is read in either format", async () => {
  const row = { q: "x".repeat(9_000_000) };
  expect(rowsOf(await scan(JSON.stringify({ results: [row] })))).toEqual([row]);
  expect(rowsOf(await scan(`[${JSON.stringify(row)}]\n\n`))).toEqual([row]);
});

test.each([
  { name: "a cut document", text: '{"results": [\n{"a": 1},\n{"a"', message: /byte \d+: the file ends where/ },
  {
    name: "a cut document of one line",
    text: '{"results": [{"a": 1}, {"a": "b',
    message: /byte \d+: the file ends where/,
  },
  {
    name: "NaN",
    text: '{"results": [{"a": "NaN"}, {"a": NaN}]}',
    message: /byte 37: .*results, item 1.*JSON has no NaN/,
  },
  { name: "NaN in a list", text: '[\n{"a": -Infinity}]', message: /item 0.*JSON has no -Infinity/ },
  {
    name: "NaN before a string that is longer than the part searched for it",
    text: `[\n{"a": NaN, "b": "${"x".repeat(2 ** 21)}"}]`,
    message: /item 0.*JSON has no NaN/,
  },
  { name: "a byte-order mark", text: '\ufeff{"results": []}', message: /byte 0: expected \{ or \[/ },
  { name: "not UTF-8", text: Buffer.from('[\n"\xff"]', "latin1"), message: /not UTF-8/ },
  { name: "results twice", text: '{"results": [\n{}], "results": []}', message: /"results" stands there twice/ },
  { name: "more bad lines than good ones", text: 'a\nb\n{"a": 1}\n', message: /byte 0: expected/ },
])("refused: $name", async ({ text, message }) => {
  await expect(scan(text)).rejects.toThrow(message);
});

test("a binary file of many lines is refused, not listed line by line", async () => {
  const entries = await scan("no\n".repeat(1000), { lenient: true });
  expect(entries).toEqual([{ type: "skipped", count: 1000, lines: Array.from({ length: 100 }, (_, i) => i + 1) }]);
});

describe.skipIf(!HAS_SHARED)(`golden vectors${SKIPPED}`, () => {
  const vectors = z
    .object({
      loading_cases: z.array(
        z.object({ name: z.string(), text: z.string(), results: z.unknown(), warned_lines: z.array(z.number()) }),
      ),
      metric_value_cases: z.array(
        z.object({ result: z.record(z.string(), z.unknown()), metric: z.string(), value: z.number() }),
      ),
    })
    .parse(
      HAS_SHARED
        ? JSON.parse(readShared("vectors/mcnemar.json").toString())
        : { loading_cases: [], metric_value_cases: [] },
    );

  test.each(vectors.loading_cases)("lenient loading: $name", async ({ text, results, warned_lines: warned }) => {
    const entries = await scan(text, { lenient: true });
    const field = entries.find((entry) => entry.type === "field" && entry.key === "results");
    expect(field?.type === "field" ? field.value : rowsOf(entries)).toEqual(results);
    expect(entries.flatMap((entry) => (entry.type === "skipped" ? entry.lines : []))).toEqual(warned);
  });

  test.each(vectors.loading_cases)("strict loading of $name gives the same or refuses", async ({ text, results }) => {
    const entries = await scan(text).catch((error: unknown) => {
      expect(error).toMatchObject({ code: "result_file_invalid" });
      return undefined;
    });
    if (entries === undefined || !Array.isArray(results)) return;
    expect(rowsOf(entries)).toEqual(results);
  });

  test("metric values", () => {
    expect(vectors.metric_value_cases.length).toBeGreaterThan(0);
    for (const { result, metric, value } of vectors.metric_value_cases) {
      expect([result, metric, Number(metricValue(result, metric) ?? false)]).toEqual([result, metric, value]);
    }
  });
});
