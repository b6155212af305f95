import { truncate } from "node:fs/promises";
import { join } from "node:path";
import { PkaError } from "@pka/core";
import { temporaryFolder } from "@pka/fault-kit";
import { parquetWriteBuffer } from "hyparquet-writer";
import { expect, test } from "vitest";
import { textParquet, triviaqaParquet } from "./testing/parquet-files.js";
import { loadDataset } from "./load-dataset.js";

/** One kind of source for each dataset: how a good file of two rows looks, and which rows it holds. */
interface Kind {
  readonly dataset: string;
  readonly path: string;
  readonly good: string | Uint8Array;
  readonly questions: readonly string[];
}

const MATH = ["algebra", "counting_and_probability", "geometry", "intermediate_algebra", "number_theory"]
  .concat("prealgebra", "precalculus")
  .map((type) => `hub/datasets/EleutherAI/hendrycks_math/${type}/test-00000-of-00001.parquet`);
const QUESTIONS = ["Who wrote Hamlet?", "Où est le mont Blanc?"];
const aliases = (...normalized: (string | null)[]) => ({ aliases: [], normalized_aliases: normalized, value: "" });
const rows = (answer: unknown) => QUESTIONS.map((question) => ({ question, answer }));
const jsonl = (...values: unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join("");

const NQ: Kind = {
  dataset: "nq",
  path: "NQ/NQ-open.dev.jsonl",
  good: jsonl(...rows(["a"])),
  questions: QUESTIONS,
};
const STRATEGYQA: Kind = {
  dataset: "strategyqa",
  path: "StrategyQA/strategyqa_train.json",
  good: JSON.stringify(rows(true), null, 1),
  questions: QUESTIONS,
};
const SIMPLEQA: Kind = {
  dataset: "simpleqa",
  path: "SimpleQA/simple_qa_test_set.csv",
  good: `metadata,problem,answer\n{},${QUESTIONS[0]},a\n{},${QUESTIONS[1]},b\n`,
  questions: QUESTIONS,
};
const HOTPOTQA: Kind = {
  dataset: "hotpotqa",
  path: "hub/datasets/hotpotqa/hotpot_qa/fullwiki/validation-00000-of-00001.parquet",
  good: textParquet({ question: QUESTIONS, answer: ["a", "b"] }),
  questions: QUESTIONS,
};
const TRIVIAQA: Kind = {
  dataset: "triviaqa",
  path: "hub/datasets/mandarjoshi/trivia_qa/rc.nocontext/validation-00000-of-00001.parquet",
  good: triviaqaParquet(QUESTIONS.map((question) => ({ question, answer: aliases("a") }))),
  questions: QUESTIONS,
};
const MATH_TEST: Kind = {
  dataset: "math",
  path: MATH[0]!,
  good: textParquet({ problem: QUESTIONS, solution: ["\\boxed{1}", "\\boxed{2}"] }),
  questions: QUESTIONS,
};

/** Load the dataset from a folder whose file holds `content`; MATH's other six files are good. */
async function load({ dataset, path, good }: Kind, content: string | Uint8Array, length?: number): Promise<string[]> {
  const others = dataset === "math" ? Object.fromEntries(MATH.map((other) => [other, good])) : {};
  const dataDir = temporaryFolder({ ...others, [path]: content });
  if (length !== undefined) await truncate(join(dataDir, path), length);
  const { examples } = await loadDataset(dataset, { dataDir, hub: { offline: true } });
  return examples.slice(0, dataset === "math" ? 2 : undefined).map(({ question }) => question);
}

const text = ({ good }: Kind) => String(good);
const utf16 = (kind: Kind) => Buffer.from(`\ufeff${text(kind)}`, "utf16le");
const latin1 = (kind: Kind) => Buffer.from(text(kind), "latin1");
const bytes = ({ good }: Kind) => Buffer.from(good as Uint8Array);

test.each([NQ, STRATEGYQA, SIMPLEQA, HOTPOTQA, TRIVIAQA, MATH_TEST])("$dataset: the good file loads", async (kind) => {
  expect(await load(kind, kind.good)).toEqual(kind.questions);
});

const HARMLESS = [NQ, STRATEGYQA, SIMPLEQA].flatMap((kind) => [
  { kind, name: "a byte order mark", content: `\ufeff${text(kind)}` },
  { kind, name: "CRLF", content: text(kind).replaceAll("\n", "\r\n") },
  { kind, name: "a byte order mark and CRLF", content: `\ufeff${text(kind).replaceAll("\n", "\r\n")}` },
  { kind, name: "no last line end", content: text(kind).trimEnd() },
  { kind, name: "blank lines at the end", content: `${text(kind)}\n\n` },
]);

test.each(HARMLESS)("$kind.dataset with $name is read right", async ({ kind, content }) => {
  expect(await load(kind, content)).toEqual(kind.questions);
});

interface Bad {
  readonly kind: Kind;
  readonly name: string;
  readonly content: string | Uint8Array;
  /** Make the file this long, zeros behind the content. */
  readonly length?: number;
  /** Where the message has to point, behind the file's name. */
  readonly says: RegExp;
}

const nqRow = (row: unknown) => text(NQ) + jsonl(row);
const strategyqaRow = (row: unknown) => JSON.stringify([...rows(true), row]);
const hotpotqaOf = (questions: (string | null)[], answers: (string | null)[]) =>
  textParquet({ question: questions, answer: answers });
const numbers = (question: number[]) =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: "question", data: question, type: "INT32" },
        { name: "answer", data: ["a", "b"], type: "STRING" },
      ],
    }),
  );
const flipped = (kind: Kind, at: number) => {
  const content = bytes(kind);
  content[at]! ^= 0xff;
  return content;
};

const BAD: readonly Bad[] = [
  { kind: NQ, name: "UTF-16", content: utf16(NQ), says: /row 1: line 1 is not valid UTF-8/ },
  { kind: NQ, name: "Latin-1", content: latin1(NQ), says: /row 2: line 2 is not valid UTF-8/ },
  { kind: NQ, name: "a cut last line", content: text(NQ).slice(0, -9), says: /row 2: line 2 .*is the file complete/ },
  { kind: NQ, name: "a cut character", content: Buffer.from(text(NQ)).subarray(0, 60 + 1), says: /row 2: line 2 / },
  { kind: NQ, name: "a line of 80 MB", content: NQ.good, length: 80e6, says: /row 3: line 3 is longer than 64 MiB/ },
  { kind: NQ, name: "NULs for rows", content: NQ.good, length: 4096, says: /row 3: line 3 is not valid JSON/ },
  { kind: NQ, name: "two rows in a line", content: text(NQ).replace("\n", " "), says: /row 1: line 1 is not valid/ },
  {
    kind: NQ,
    name: "a comma behind a row",
    content: text(NQ).replace("\n", ",\n"),
    says: /row 1: line 1 is not valid/,
  },
  {
    kind: NQ,
    name: "a JSON array",
    content: JSON.stringify(rows(["a"])),
    says: /row 1: should be an object, not an a/,
  },
  { kind: NQ, name: "CSV", content: SIMPLEQA.good, says: /row 1: line 1 is not valid JSON/ },
  { kind: NQ, name: "no question", content: nqRow({ answer: ["a"] }), says: /row 3, field question: is missing/ },
  { kind: NQ, name: "no answer", content: nqRow({ question: "q" }), says: /row 3, field answer: is missing/ },
  { kind: NQ, name: "null for a row", content: nqRow(null), says: /row 3: should be an object, not null/ },
  {
    kind: NQ,
    name: "a null among the answers",
    content: nqRow({ question: "q", answer: ["a", null] }),
    says: /row 3, field answer\[1\]: should be a string, not null/,
  },
  {
    kind: NQ,
    name: "answers in an object",
    content: nqRow({ question: "q", answer: { 0: "a" } }),
    says: /row 3, field answer: should be an array, not an object/,
  },
  {
    kind: NQ,
    name: "a question in a list",
    content: nqRow({ question: ["q"], answer: ["a"] }),
    says: /row 3, field question: should be a string, not an array/,
  },
  { kind: STRATEGYQA, name: "UTF-16", content: utf16(STRATEGYQA), says: /is not valid UTF-8/ },
  { kind: STRATEGYQA, name: "Latin-1", content: latin1(STRATEGYQA), says: /is not valid UTF-8/ },
  { kind: STRATEGYQA, name: "a cut end", content: text(STRATEGYQA).slice(0, -9), says: /is it complete/ },
  {
    kind: STRATEGYQA,
    name: "a comma at the end",
    content: text(STRATEGYQA).replace(/\]$/, ",]"),
    says: /not valid JSON/,
  },
  { kind: STRATEGYQA, name: "300 MB", content: "[", length: 300e6, says: /has 300000000 bytes; at most 256 MiB/ },
  { kind: STRATEGYQA, name: "JSON Lines", content: jsonl(...rows(true)), says: /is not valid JSON/ },
  { kind: STRATEGYQA, name: "an object", content: '{"data": []}', says: /should be one JSON array/ },
  {
    kind: STRATEGYQA,
    name: "null for a row",
    content: strategyqaRow(null),
    says: /row 3: should be an object, not null/,
  },
  {
    kind: STRATEGYQA,
    name: "a null answer",
    content: strategyqaRow({ question: "q", answer: null }),
    says: /row 3, field answer: should be a boolean, not null/,
  },
  {
    kind: STRATEGYQA,
    name: "a number for an answer",
    content: strategyqaRow({ question: "q", answer: 1 }),
    says: /row 3, field answer: should be a boolean, not a number/,
  },
  {
    kind: STRATEGYQA,
    name: "no question",
    content: strategyqaRow({ answer: true }),
    says: /row 3, field question: is m/,
  },
  { kind: SIMPLEQA, name: "UTF-16", content: utf16(SIMPLEQA), says: /row 1: line 1 is not valid UTF-8/ },
  { kind: SIMPLEQA, name: "Latin-1", content: latin1(SIMPLEQA), says: /row 3: line 3 is not valid UTF-8/ },
  { kind: SIMPLEQA, name: "no column answer", content: "problem,ans\nq,a\n", says: /has no column "answer"/ },
  { kind: SIMPLEQA, name: "a cut last row", content: text(SIMPLEQA).slice(0, -3), says: /row 2: is not valid CSV/ },
  { kind: SIMPLEQA, name: "a cell too many", content: `${text(SIMPLEQA)}{},q,a,b\n`, says: /row 3: is not valid CSV/ },
  { kind: SIMPLEQA, name: "an open quote", content: `${text(SIMPLEQA)}{},"q,a\n`, says: /row 3: is not valid CSV/ },
  {
    kind: SIMPLEQA,
    name: "a blank question",
    content: `${text(SIMPLEQA)}{}, ,a\n`,
    says: /row 3, field problem: is bl/,
  },
  {
    kind: SIMPLEQA,
    name: "an empty answer",
    content: `${text(SIMPLEQA)}{},q,\n`,
    says: /row 3, field answer: is blank/,
  },
  {
    kind: SIMPLEQA,
    name: "a line of 80 MB",
    content: SIMPLEQA.good,
    length: 80e6,
    says: /row 4: line 4 is longer than/,
  },
  {
    kind: SIMPLEQA,
    name: "parquet",
    content: bytes(HOTPOTQA),
    says: /line \d+ is not valid UTF-8|is not valid CSV|has no/,
  },
  {
    kind: HOTPOTQA,
    name: "a cut end",
    content: bytes(HOTPOTQA).subarray(0, -9),
    says: /is not a readable parquet file/,
  },
  {
    kind: HOTPOTQA,
    name: "a cut beginning",
    content: bytes(HOTPOTQA).subarray(40),
    says: /cannot be read|not a readable/,
  },
  {
    kind: HOTPOTQA,
    name: "a spoiled footer",
    content: flipped(HOTPOTQA, bytes(HOTPOTQA).length - 8 - bytes(HOTPOTQA).readUInt32LE(bytes(HOTPOTQA).length - 8)),
    says: /readable/,
  },
  {
    kind: HOTPOTQA,
    name: "a false footer size",
    content: flipped(HOTPOTQA, bytes(HOTPOTQA).length - 5),
    says: /readable/,
  },
  { kind: HOTPOTQA, name: "JSON Lines", content: NQ.good, says: /is not a readable parquet file/ },
  {
    kind: HOTPOTQA,
    name: "no column answer",
    content: textParquet({ question: ["q"] }),
    says: /has no column "answer"/,
  },
  {
    kind: HOTPOTQA,
    name: "a null question",
    content: hotpotqaOf(["q", null], ["a", "b"]),
    says: /row 2, field question: should be a string, not null/,
  },
  {
    kind: HOTPOTQA,
    name: "a blank answer",
    content: hotpotqaOf(["q", "r"], ["a", " \n"]),
    says: /row 2, field answer: is blank/,
  },
  {
    kind: HOTPOTQA,
    name: "numbers for questions",
    content: numbers([1, 2]),
    says: /row 1, field question: should be a string, not a number/,
  },
  {
    kind: TRIVIAQA,
    name: "null for all of an answer",
    content: triviaqaParquet([{ question: "q", answer: null }]),
    says: /row 1, field answer/,
  },
  {
    kind: TRIVIAQA,
    name: "null for the aliases",
    content: triviaqaParquet([
      { question: "q", answer: aliases("a") },
      { question: "r", answer: { ...aliases(), normalized_aliases: null } },
    ]),
    says: /row 2, field answer\.normalized_aliases/,
  },
  {
    kind: TRIVIAQA,
    name: "a null alias",
    content: triviaqaParquet([{ question: "q", answer: aliases("a", null) }]),
    says: /row 1, field answer\.normalized_aliases\[1\]: should be a string, not null/,
  },
  {
    kind: TRIVIAQA,
    name: "a null question in a later row group",
    content: triviaqaParquet(
      ["a", "b", null].map((question) => ({ question, answer: aliases("a") })),
      1,
    ),
    says: /row 3, field question: should be a string, not null/,
  },
  {
    kind: MATH_TEST,
    name: "a blank solution",
    content: textParquet({ problem: ["q"], solution: [""] }),
    says: /row 1, field solution: is blank/,
  },
  { kind: MATH_TEST, name: "no solutions", content: textParquet({ problem: ["q"] }), says: /has no column "solution"/ },
  { kind: MATH_TEST, name: "nothing in it", content: "", says: /is not a readable parquet file/ },
];

test.each(BAD)("$kind.dataset with $name is refused, saying where", async ({ kind, content, length, says }) => {
  const error = await load(kind, content, length).catch((thrown: unknown) => thrown);
  expect(error).toSatisfy((thrown) => PkaError.isInstance(thrown));
  const { message } = error as PkaError;
  const name = kind.path.split("/").at(-1)!;
  expect(message).toContain(name);
  expect(message.slice(message.indexOf(name) + name.length)).toMatch(says);
});

test("the corpus is as large as it is said to be", () => {
  expect(BAD.length + HARMLESS.length).toBeGreaterThanOrEqual(60);
});
