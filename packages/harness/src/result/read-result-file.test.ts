import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HAS_SHARED, readShared, SKIPPED, temporaryFolder } from "@pka/fault-kit";
import { describe, expect, test } from "vitest";
import { collect } from "../__fixtures__/run.js";
import { PAPER_EX_TRACES, PAPER_TRACES } from "../__fixtures__/paper-traces.js";
import { OutputError } from "../errors.js";
import { ObjectSplitter, ResultFileError, type ResultFileEntry } from "./object-splitter.js";
import { readResultFile } from "./read-result-file.js";

async function read(text: string | Buffer): Promise<ResultFileEntry[]> {
  const path = join(temporaryFolder(), "result.json");
  writeFileSync(path, text);
  return collect(readResultFile(path));
}

const FILE =
  '{ "results": [ {"a": "x\\"]},{[\\\\", "b": [1, [2]]}, 5, "s", null ,[]], "empty":[],"nested": {"k": [{"}": 1}]},"n": -1.5e3 , "t":true}';
const ENTRIES: ResultFileEntry[] = [
  { key: "results", index: 0, value: { a: 'x"]},{[\\', b: [1, [2]] } },
  { key: "results", index: 1, value: 5 },
  { key: "results", index: 2, value: "s" },
  { key: "results", index: 3, value: null },
  { key: "results", index: 4, value: [] },
  { key: "nested", index: null, value: { k: [{ "}": 1 }] } },
  { key: "n", index: null, value: -1500 },
  { key: "t", index: null, value: true },
];

test("items of top-level lists and other top-level values come in the order of the file", async () => {
  expect(await read(FILE)).toEqual(ENTRIES);
});

test("the entries are the same whatever the chunks of the file", () => {
  const bytes = Buffer.from(FILE);
  for (let size = 1; size <= bytes.length; size++) {
    const splitter = new ObjectSplitter("f");
    const entries: ResultFileEntry[] = [];
    for (let at = 0; at < bytes.length; at += size) entries.push(...splitter.push(bytes.subarray(at, at + size)));
    splitter.end();
    expect(entries).toEqual(ENTRIES);
  }
});

test("a key __proto__ is a key like any other", async () => {
  const [entry] = await read('{"results": [{"__proto__": {"polluted": true}}]}');
  expect(Object.keys(entry?.value ?? {})).toEqual(["__proto__"]);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test.each([
  ["", "byte 0: the file ends where { should stand"],
  ["[1]", "byte 0: expected {"],
  ["\ufeff{}", "byte 0: expected {"],
  ['{"a": 1', "the file ends where , or } should stand"],
  ['{"a": [1, 2', "the file ends where , or ] should stand"],
  ['{"a": "unclosed}', "the file ends"],
  ['{"a": }', "byte 6: expected a value"],
  ['{"a" 1}', "byte 6: what stands before is not JSON"],
  ['{"a": 1 2}', "not JSON"],
  ['{"a": [1,]}', "byte 9: expected an item"],
  ['{"a": 1,}', "byte 8: expected a key"],
  ["{a: 1}", "byte 1: expected a key or }"],
  ['{"a": [NaN]}', "not JSON"],
  ['{"a": 1]', "byte 7: expected , or }"],
  ['{"a": [1}', "byte 8: expected , or ]"],
  ["{} x", "byte 3: expected nothing more"],
])("%s is refused with the place", async (text, message) => {
  await expect(read(text)).rejects.toThrow(ResultFileError);
  await expect(read(text)).rejects.toThrow(message);
});

test("a missing file and a folder are refused by name", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "x.json"));
  await expect(collect(readResultFile(join(folder, "y.json")))).rejects.toThrow(OutputError);
  await expect(collect(readResultFile(join(folder, "x.json")))).rejects.toThrow("it is a folder (EISDIR)");
});

describe.skipIf(!HAS_SHARED)(`published files${SKIPPED}`, () => {
  test.each([...PAPER_TRACES, ...PAPER_EX_TRACES])("%s is read as JSON.parse reads it", async (path) => {
    const bytes = readShared(path);
    const { results, ...rest } = JSON.parse(bytes.toString());
    const entries = await read(bytes);
    expect(entries.filter(({ key }) => key === "results").map(({ value }) => value)).toEqual(results);
    const others = entries.filter(({ key }) => key !== "results").map(({ key, value }) => [key, value]);
    expect({ errors: [], ...Object.fromEntries(others) }).toEqual({ errors: [], ...rest });
  });
});
