import { createHash } from "node:crypto";
import { HAS_SHARED, readShared, SKIPPED } from "@pka/fault-kit";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { PAPER_EX_TRACES, PAPER_TRACES } from "../__fixtures__/paper-traces.js";
import { PythonFloat, pythonJson, type PythonJsonValue } from "./python-json.js";

const jsonSchema = z.custom<PythonJsonValue>();
const fileSchema = z
  .object({ results: jsonSchema, aggregate_metrics: z.record(z.string(), z.number()).exactOptional() })
  .catchall(jsonSchema);

// Expected: repr() of CPython 3.11.
test.each([
  [88, "88.0"],
  [0, "0.0"],
  [-0, "-0.0"],
  [0.1, "0.1"],
  [1e-4, "0.0001"],
  [1e-5, "1e-05"],
  [1.5e-7, "1.5e-07"],
  [5e-324, "5e-324"],
  [1e15, "1000000000000000.0"],
  [1e16, "1e+16"],
  [1.2345e22, "1.2345e+22"],
  [1.7976931348623157e308, "1.7976931348623157e+308"],
  [0.5825484764542936, "0.5825484764542936"],
  [Number.NaN, "NaN"],
  [Number.NEGATIVE_INFINITY, "-Infinity"],
])("a Python float of %d is written %s", (value, expected) => {
  expect(pythonJson(new PythonFloat(value))).toBe(expected);
});

// Expected: json.dumps(…, indent=2) of CPython 3.11.
test.each<[string, PythonJsonValue, string]>([
  ["accents and emoji become escapes", "é😀", '"\\u00e9\\ud83d\\ude00"'],
  ["control characters", "\b\f\n\r\t\0\u001f\u007f", '"\\b\\f\\n\\r\\t\\u0000\\u001f\\u007f"'],
  ["quote, backslash and slash", '"\\/', '"\\"\\\\/"'],
  ["lone surrogates", "\ud800 \udfff", '"\\ud800 \\udfff"'],
  ["empty list and object", { a: [], b: {} }, '{\n  "a": [],\n  "b": {}\n}'],
  ["nesting", { a: [1, [true, null]] }, '{\n  "a": [\n    1,\n    [\n      true,\n      null\n    ]\n  ]\n}'],
])("%s", (_, value, expected) => {
  expect(pythonJson(value)).toBe(expected);
});

describe.skipIf(!HAS_SHARED)(`published files${SKIPPED}`, () => {
  const sums = HAS_SHARED
    ? z
        .object({ files: z.array(z.object({ file: z.string(), sha256: z.string() })) })
        .parse(JSON.parse(readShared("vectors/aggregates.json").toString()))
    : { files: [] };

  test.each([...PAPER_TRACES, ...PAPER_EX_TRACES])("%s is written byte for byte", (path) => {
    const original = readShared(path);
    const text = pythonJson(withFloats(JSON.parse(original.toString())));
    expect(text === original.toString("latin1")).toBe(true);
    const recorded = sums.files.find(({ file }) => path === `paper-traces/${file}.gz`)?.sha256;
    expect(createHash("sha256").update(text).digest("hex")).toBe(recorded);
  });
});

/** A parsed result file as Python holds it: JSON.parse cannot tell 88.0 from 88. */
function withFloats(file: unknown): PythonJsonValue {
  const { aggregate_metrics: aggregates, ...rest } = fileSchema.parse(file);
  if (aggregates === undefined) return rest;
  const floats = Object.entries(aggregates).map(([key, value]) => [
    key,
    /_rate$|^avg_/.test(key) ? new PythonFloat(value) : value,
  ]);
  const { results, ...trailer } = rest;
  return { results, aggregate_metrics: Object.fromEntries(floats), ...trailer };
}
