import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@pka/fault-kit";
import { parquetMetadata } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import { expect, test } from "vitest";
import { textParquet, type TriviaQaRow, triviaqaParquet } from "../testing/parquet-files.js";
import { DatasetFileError, DatasetRowError } from "../errors.js";
import { loadDataset } from "../load-dataset.js";
import { boundedCompressors, checkDeclaredSizes } from "./parquet-limits.js";
import { readParquet } from "./read-parquet.js";

const HOTPOTQA = "hub/datasets/hotpotqa/hotpot_qa/fullwiki/validation-00000-of-00001.parquet";
const TRIVIAQA = "hub/datasets/mandarjoshi/trivia_qa/rc.nocontext/validation-00000-of-00001.parquet";

async function load(name: string, files: Readonly<Record<string, Uint8Array>>) {
  return loadDataset(name, { dataDir: temporaryFolder(files), hub: { offline: true } });
}

const answer = (...aliases: string[]): TriviaQaRow["answer"] => ({
  aliases: aliases.map((alias) => alias.toUpperCase()),
  normalized_aliases: aliases,
  value: "not the gold",
});

test("TriviaQA's nested aliases arrive row by row across row groups", async () => {
  const rows: TriviaQaRow[] = Array.from({ length: 25 }, (_, i) => ({
    question: `question ${i}`,
    answer: answer(...Array.from({ length: i % 4 }, (__, j) => `alias ${i}.${j}`)),
  }));
  const { examples } = await load("triviaqa", { [TRIVIAQA]: triviaqaParquet(rows, 4) });
  expect(examples.map(({ question }) => question)).toEqual(rows.map(({ question }) => question));
  expect(examples.map((example) => example.task === "qa" && example.answers)).toEqual(
    rows.map((row) => row.answer?.normalized_aliases),
  );
});

test("TriviaQA's canonical answer stands beside the aliases where the file has one, and is no part of the content's hash", async () => {
  const rows: TriviaQaRow[] = [
    { question: "a", answer: { aliases: ["X"], normalized_aliases: ["x"], value: "The X" } },
    { question: "b", answer: { aliases: ["Y"], normalized_aliases: ["y"], value: "" } },
  ];
  const { examples } = await load("triviaqa", { [TRIVIAQA]: triviaqaParquet(rows) });
  // sha256 of '["a",["x"]]' and '["b",["y"]]', by sha256sum.
  expect(examples).toEqual([
    { task: "qa", id: "triviaqa/0", hash: "dbd18835b1ad60f3", question: "a", answers: ["x"], canonicalAnswer: "The X" },
    { task: "qa", id: "triviaqa/1", hash: "64c7315653bdbf7c", question: "b", answers: ["y"] },
  ]);
});

test("a column that may be missing is read where it is there", async () => {
  const files = { "with.parquet": textParquet({ a: ["1"], b: ["2"] }), "without.parquet": textParquet({ a: ["1"] }) };
  const folder = temporaryFolder(files);
  expect(await rowsOf(join(folder, "with.parquet"), ["a"], ["b"])).toEqual([{ a: "1", b: "2" }]);
  expect(await rowsOf(join(folder, "without.parquet"), ["a"], ["b"])).toEqual([{ a: "1" }]);
});

test("only the bytes of the needed columns are read", async () => {
  const filler = Array.from({ length: 500 }, (_, i) => `${i}`.repeat(400));
  const content = textParquet({
    context: filler,
    question: filler.map((_, i) => `q${i}`),
    answer: filler.map(() => "a"),
  });
  const file = join(temporaryFolder({ "a.parquet": content }), "a.parquet");
  // Spoil the unused column's data: reading it would fail.
  const { columns } = parquetMetadata(content).row_groups[0]!;
  const unused = columns.find((column) => column.meta_data?.path_in_schema[0] === "context")!.meta_data!;
  const start = Number(unused.dictionary_page_offset ?? unused.data_page_offset);
  content.fill(0xff, start, start + Number(unused.total_compressed_size));
  const spoiled = temporaryFolder({ "a.parquet": content });
  const clean = await rowsOf(file, ["question", "answer"]);
  expect(await rowsOf(join(spoiled, "a.parquet"), ["question", "answer"])).toEqual(clean);
  expect(clean).toHaveLength(500);
});

async function rowsOf(file: string, columns: readonly string[], optional?: readonly string[]): Promise<unknown[]> {
  const rows = [];
  for await (const { value } of readParquet(file, columns, optional)) rows.push(value);
  return rows;
}

test.each<{ name: string; row: TriviaQaRow; field: string; message: string }>([
  { name: "a null question", row: { question: null, answer: answer("x") }, field: "question", message: "not null" },
  { name: "a null answer", row: { question: "q", answer: null }, field: "answer", message: "is missing" },
  {
    name: "null aliases",
    row: { question: "q", answer: { ...answer("x")!, normalized_aliases: null } },
    field: "answer.normalized_aliases",
    message: "is missing",
  },
  {
    name: "a null alias",
    row: { question: "q", answer: { ...answer("x")!, normalized_aliases: ["x", null] } },
    field: "answer.normalized_aliases[1]",
    message: "should be a string, not null",
  },
])("TriviaQA with $name is refused, naming file, row and field", async ({ row, field, message }) => {
  const good: TriviaQaRow = { question: "fine", answer: answer("yes") };
  const error = await load("triviaqa", { [TRIVIAQA]: triviaqaParquet([good, good, good, row], 2) }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DatasetRowError);
  expect(error).toMatchObject({ row: 4, field });
  expect(String(error)).toContain("validation-00000-of-00001.parquet");
  expect(String(error)).toContain(message);
});

test("a string that is not UTF-8 is refused, naming row and field", async () => {
  const data = [Buffer.from("fine"), Buffer.from("caf\u{e9}", "latin1")];
  const schema = [
    { name: "root", num_children: 2 },
    { name: "question", type: "BYTE_ARRAY" as const, converted_type: "UTF8" as const },
    { name: "answer", type: "BYTE_ARRAY" as const, converted_type: "UTF8" as const },
  ];
  const columnData = ["question", "answer"].map((name) => ({ name, data: name === "answer" ? data : ["q1", "q2"] }));
  const content = new Uint8Array(parquetWriteBuffer({ columnData, schema }));
  const error = await load("hotpotqa", { [HOTPOTQA]: content }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "dataset_row_invalid", row: 2, field: "answer" });
  expect(String(error)).toContain("is not valid UTF-8");
});

const HOTPOT_ROWS = { question: ["Is it?", "Was it?"], answer: ["yes", "no"] };

test.each([
  { name: "not parquet", content: Buffer.from("<html>rate limited</html>"), message: /is not a readable parquet file/ },
  { name: "empty", content: Buffer.alloc(0), message: /is not a readable parquet file/ },
  {
    name: "a git LFS pointer",
    content: Buffer.from("version https://git-lfs.github.com/spec/v1\n"),
    message: /not a readable/,
  },
  {
    name: "cut at the end",
    content: textParquet(HOTPOT_ROWS).subarray(0, -20),
    message: /is not a readable parquet file/,
  },
  {
    name: "cut at the start",
    content: textParquet(HOTPOT_ROWS).subarray(100),
    message: /cannot be read|not a readable/,
  },
  {
    name: "without a needed column",
    content: textParquet({ question: ["q"], text: ["a"] }),
    message: /has no column "answer"; it has question, text/,
  },
  {
    name: "without rows",
    content: textParquet({ question: [], answer: [] }),
    message: /no rows of hotpotqa validation/,
  },
])("a parquet file that is $name is refused, naming the file", async ({ content, message }) => {
  const error = await load("hotpotqa", { [HOTPOTQA]: content }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DatasetFileError);
  expect(String(error)).toContain("validation-00000-of-00001.parquet");
  expect(String(error)).toMatch(message);
});

test("a column that would set a prototype is refused", async () => {
  const content = textParquet({ ...HOTPOT_ROWS, ["__proto__"]: ["x", "y"] });
  await expect(load("hotpotqa", { [HOTPOTQA]: content })).rejects.toThrow('has a column named "__proto__"');
});

test("TriviaQA whose answer is a plain string lacks the aliases", async () => {
  const content = textParquet({ question: ["q"], answer: ["a"] });
  await expect(load("triviaqa", { [TRIVIAQA]: content })).rejects.toThrow('has no column "answer.normalized_aliases"');
});

test.each([
  {
    name: "text columns",
    content: textParquet({ question: numbered("question"), answer: numbered("answer") }, 10),
    columns: ["question", "answer"],
  },
  {
    name: "nested lists",
    content: triviaqaParquet(
      numbered("question").map((question, i) => ({ question, answer: answer(...numbered("a").slice(0, i % 4)) })),
      10,
    ),
    columns: ["question", "answer.normalized_aliases"],
  },
])("$name: a byte spoiled anywhere is survived in milliseconds", async ({ content, columns }) => {
  const file = join(temporaryFolder({ "a.parquet": content }), "a.parquet");
  for (let at = 0; at < content.length; at += 47) {
    const spoiled = Buffer.from(content);
    spoiled[at]! ^= 1 << (at % 8);
    await writeFile(file, spoiled);
    const result = await rowsOf(file, columns).catch((error: unknown) => error);
    if (!Array.isArray(result)) expect(result, `byte ${at}`).toBeInstanceOf(DatasetFileError);
  }
});

function numbered(what: string): string[] {
  return Array.from({ length: 40 }, (_, i) => `${what} ${i}`);
}

test("metadata that promises more than a dataset holds is refused before anything is decoded", () => {
  const metadata = parquetMetadata(new Uint8Array(textParquet(HOTPOT_ROWS)));
  const [group] = metadata.row_groups;
  const manyRows = { ...metadata, row_groups: [{ ...group!, num_rows: 10n ** 12n }] };
  expect(() => checkDeclaredSizes("f.parquet", manyRows)).toThrow("f.parquet: row group 1 declares 1000000000000 rows");
  const [column] = group!.columns;
  const wide = { ...column!, meta_data: { ...column!.meta_data!, total_uncompressed_size: 10n ** 10n } };
  const manyBytes = { ...metadata, row_groups: [{ ...group!, columns: [wide] }] };
  expect(() => checkDeclaredSizes("f.parquet", manyBytes)).toThrow(
    "row group 1 declares 10000000000 bytes for column question",
  );
});

test.each(Object.keys(boundedCompressors))(
  "a %s page that declares gigabytes is refused before room is made for it",
  (codec) => {
    const decompress = boundedCompressors[codec as "ZSTD"]!;
    expect(() => decompress(new Uint8Array(16), 2 ** 31 - 1)).toThrow("a page declares 2147483647 bytes");
    expect(() => decompress(new Uint8Array(16), -1)).toThrow("a page declares -1 bytes");
  },
);

test("a zstd page that holds more than it declares takes no more room than it declares", () => {
  // A frame of 8,000 run-length blocks of 128 KiB: 32 kB that unpack to 1 GB.
  const block = (isLast: boolean) => {
    const header = (131_072 << 3) | (1 << 1) | Number(isLast);
    return [header & 0xff, (header >> 8) & 0xff, (header >> 16) & 0xff, 0x41];
  };
  const blocks = Array.from({ length: 8_000 }, (_, i) => block(i === 7_999)).flat();
  const frame = new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58, ...blocks]);
  expect(boundedCompressors.ZSTD!(frame, 1_000)).toHaveLength(1_000);
});
