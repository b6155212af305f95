import { truncate } from "node:fs/promises";
import { join } from "node:path";
import { type Logger, UsageError } from "@pka/core";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { DatasetFileError, DatasetRowError } from "./errors.js";
import { loadDataset } from "./load-dataset.js";
import { DATASETS } from "./registry.js";

const jsonl = (...rows: unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const NQ = jsonl(
  { question: "who wrote hamlet", answer: ["William Shakespeare", "Shakespeare"] },
  { question: "how high is mont blanc", answer: ["4,806 m"] },
  { question: "who painted guernica", answer: ["Pablo Picasso"] },
);

async function loadNq(content: string | Uint8Array, options: Parameters<typeof loadDataset>[1] = {}) {
  const dataDir = temporaryFolder({ "NQ/NQ-open.dev.jsonl": content });
  return loadDataset("nq", { dataDir, hub: { offline: true }, ...options });
}

function recordingLogger(): Logger & { readonly warnings: string[] } {
  const warnings: string[] = [];
  return { warnings, info() {}, warn: (message) => void warnings.push(message) };
}

test("a file in the data directory is used as it stands", async () => {
  const { name, split, examples, fingerprint } = await loadNq(NQ);
  expect({ name, split }).toEqual({ name: "nq", split: "dev" });
  expect(examples).toEqual([
    // Hashes by Python: sha256 of json.dumps([question, answers], ensure_ascii=False, separators=(",", ":")).
    {
      task: "qa",
      id: "nq/0",
      hash: "aacb620161ccf566",
      question: "who wrote hamlet",
      answers: ["William Shakespeare", "Shakespeare"],
    },
    { task: "qa", id: "nq/1", hash: "e6fe08d1689eaa9f", question: "how high is mont blanc", answers: ["4,806 m"] },
    { task: "qa", id: "nq/2", hash: "096742a2697ff154", question: "who painted guernica", answers: ["Pablo Picasso"] },
  ]);
  expect(fingerprint).toEqual({
    source: "data-dir:NQ/NQ-open.dev.jsonl",
    revision: null,
    sha256: "5395165f437f75271a7821ae3766040d877d00483982f79e4d121e3408c7443d",
    numRows: 3,
  });
});

test("offset and limit choose rows but change neither ids nor fingerprint", async () => {
  const all = await loadNq(NQ);
  const middle = await loadNq(NQ, { offset: 1, limit: 1 });
  expect(middle.examples).toEqual([all.examples[1]]);
  expect(middle.fingerprint).toEqual(all.fingerprint);
  expect((await loadNq(NQ, { offset: 2, limit: 100 })).examples).toEqual([all.examples[2]]);
});

test("another answer changes that row's hash and the fingerprint, no other row", async () => {
  const before = await loadNq(NQ);
  const after = await loadNq(NQ.replace("4,806 m", "4,807 m"));
  const changed = after.examples.map(({ hash }, i) => hash !== before.examples[i]!.hash);
  expect(changed).toEqual([false, true, false]);
  expect(after.fingerprint.sha256).not.toBe(before.fingerprint.sha256);
});

test("rows with the same question are kept apart by index, with a warning that counts them", async () => {
  const logger = recordingLogger();
  const row = { question: "who wrote hamlet", answer: ["Shakespeare"] };
  const { examples } = await loadNq(jsonl(row, row, { ...row, answer: ["Marlowe"] }), { logger });
  expect(examples.map(({ id }) => id)).toEqual(["nq/0", "nq/1", "nq/2"]);
  expect(logger.warnings).toContainEqual(
    expect.stringContaining("2 rows repeat the question of an earlier row, 1 of them with other accepted answers"),
  );
});

test("a file with another number of rows than was published is named in a warning", async () => {
  const logger = recordingLogger();
  await loadNq(NQ, { logger });
  expect(logger.warnings).toEqual(["nq dev: 3 rows here, 3610 as published"]);
});

test("a question of 1 MB loads", async () => {
  const question = "why ".repeat(250_000);
  const { examples } = await loadNq(jsonl({ question, answer: ["no reason"] }));
  expect(examples[0]!.question).toBe(question);
});

test("lone surrogates, NUL and right-to-left marks arrive unchanged", async () => {
  const question = "a\u{0}b \ud800 \u{202e}c";
  const { examples } = await loadNq(jsonl({ question, answer: ["x"] }));
  expect(examples[0]!.question).toBe(question);
});

test.each([
  { name: "a typing error", typed: "trivaqa", message: 'unknown dataset "trivaqa". Did you mean "triviaqa"?' },
  { name: "a name near nothing", typed: "wikipedia", message: 'unknown dataset "wikipedia". Datasets: triviaqa, nq,' },
  { name: "a name that every object has", typed: "constructor", message: 'unknown dataset "constructor"' },
])("an unknown dataset is a usage error: $name", async ({ typed, message }) => {
  await expect(loadDataset(typed)).rejects.toThrow(message);
  await expect(loadDataset(typed)).rejects.toBeInstanceOf(UsageError);
});

test.each([
  { name: "an unknown split", options: { split: "test" }, message: 'nq has no split "test"; it has dev' },
  {
    name: "a negative offset",
    options: { offset: -1 },
    message: "offset should be a whole number of at least 0, not -1",
  },
  { name: "a broken offset", options: { offset: 0.5 }, message: "offset should be a whole number" },
  { name: "an offset that is no number", options: { offset: NaN }, message: "offset should be a whole number" },
  { name: "an offset past the end", options: { offset: 3 }, message: "offset 3 is beyond the 3 rows of nq dev" },
  { name: "a limit of none", options: { limit: 0 }, message: "limit should be a whole number of at least 1, not 0" },
  { name: "an endless limit", options: { limit: Infinity }, message: "limit should be a whole number" },
  {
    name: "a revision that climbs out of the cache",
    options: { hub: { revision: "../../x" } },
    message: "is not a branch",
  },
  { name: "a revision of dots", options: { hub: { revision: ".." } }, message: "is not a branch" },
  { name: "an endpoint that is no address", options: { hub: { endpoint: "hub" } }, message: "hub endpoint" },
  { name: "a file as endpoint", options: { hub: { endpoint: "file:///etc" } }, message: "http or https" },
  {
    name: "a password in the endpoint",
    options: { hub: { endpoint: "https://me:pw@hub" } },
    message: "no user name or password",
  },
])("$name is a usage error", async ({ options, message }) => {
  const error = await loadNq(NQ, options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  expect(String(error)).toContain(message);
});

test("a token that cannot be sent is refused without being printed", async () => {
  const error = await loadNq(NQ, { hub: { token: "hf_canary\nx: y" } }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  expect(String(error)).not.toContain("canary");
});

test("a data directory that is not there is a usage error, not a download", async () => {
  const dataDir = join(temporaryFolder(), "typo");
  await expect(loadDataset("nq", { dataDir })).rejects.toThrow(`the data directory ${dataDir} is not a folder`);
});

const BAD_JSONL: { name: string; content: string | Uint8Array; row: number; field?: string; message: string }[] = [
  {
    name: "broken JSON",
    content: `${NQ}{"question": "x", "answer": [}\n`,
    row: 4,
    message: "line 4 is not valid JSON",
  },
  { name: "a cut last line", content: `${NQ}{"question": "x", "ans`, row: 4, message: "is the file complete?" },
  { name: "HTML instead", content: "<!doctype html>\n", row: 1, message: "line 1 is not valid JSON" },
  { name: "UTF-16", content: Buffer.from(NQ, "utf16le"), row: 1, message: "not valid JSON" },
  {
    name: "UTF-16 with its mark",
    content: Buffer.from(`\u{feff}${NQ}`, "utf16le"),
    row: 1,
    message: "line 1 is not valid UTF-8",
  },
  {
    name: "Latin-1",
    content: Buffer.from(NQ.replace("mont", "Mönt"), "latin1"),
    row: 2,
    message: "line 2 is not valid UTF-8",
  },
  {
    name: "half a character",
    content: Buffer.from(NQ.replace('m"]', "€")).subarray(0, -60),
    row: 2,
    message: "not valid",
  },
  { name: "a number as row", content: `${NQ}7\n`, row: 4, message: "should be an object, not a number" },
  { name: "null as row", content: `null\n${NQ}`, row: 1, message: "should be an object, not null" },
  { name: "a list as row", content: `["q", ["a"]]\n`, row: 1, message: "should be an object, not an array" },
  { name: "no question", content: jsonl({ answer: ["x"] }), row: 1, field: "question", message: "is missing" },
  {
    name: "a null question",
    content: jsonl({ question: null, answer: [] }),
    row: 1,
    field: "question",
    message: "not null",
  },
  {
    name: "a blank question",
    content: jsonl({ question: " \n", answer: ["x"] }),
    row: 1,
    field: "question",
    message: "is blank",
  },
  {
    name: "a number as question",
    content: jsonl({ question: 1, answer: ["x"] }),
    row: 1,
    field: "question",
    message: "should be a string, not a number",
  },
  { name: "no answer", content: jsonl({ question: "x" }), row: 1, field: "answer", message: "is missing" },
  {
    name: "an answer not in a list",
    content: jsonl({ question: "x", answer: "y" }),
    row: 1,
    field: "answer",
    message: "should be an array, not a string",
  },
  {
    name: "an empty list of answers",
    content: jsonl({ question: "x", answer: [] }),
    row: 1,
    field: "answer",
    message: "holds no accepted answer",
  },
  {
    name: "a null answer",
    content: jsonl({ question: "x", answer: ["a", null] }),
    row: 1,
    field: "answer[1]",
    message: "should be a string, not null",
  },
  {
    name: "the question in a prototype",
    content: '{"__proto__": {"question": "x", "answer": ["y"]}}\n',
    row: 1,
    field: "question",
    message: "is missing",
  },
  { name: "an error after blank lines", content: `\n\n${NQ}\n7\n`, row: 7, message: "should be an object" },
];

test.each(BAD_JSONL)(
  "JSONL with $name is refused, naming file, row and field",
  async ({ content, row, field, message }) => {
    const error = await loadNq(content).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DatasetRowError);
    expect(error).toMatchObject({ code: "dataset_row_invalid", row, field: field ?? null });
    expect(String(error)).toContain(join("NQ", "NQ-open.dev.jsonl"));
    expect(String(error)).toContain(message);
  },
);

test.each([
  { name: "a byte order mark", content: `\u{feff}${NQ}` },
  { name: "CRLF line ends", content: NQ.replaceAll("\n", "\r\n") },
  { name: "no line end after the last row", content: NQ.trimEnd() },
  { name: "blank lines", content: `\n${NQ.replaceAll("\n", "\n\n")}` },
])("JSONL with $name loads the same rows", async ({ content }) => {
  expect((await loadNq(content)).fingerprint).toEqual((await loadNq(NQ)).fingerprint);
});

test("a line without end is refused before it fills the memory", async () => {
  const dataDir = temporaryFolder({ "NQ/NQ-open.dev.jsonl": NQ });
  await truncate(join(dataDir, "NQ", "NQ-open.dev.jsonl"), 80 * 1024 * 1024);
  const error = await loadDataset("nq", { dataDir }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "dataset_row_invalid", row: 4 });
  expect(String(error)).toContain("line 4 is longer than 64 MiB");
});

test("keys of the prototype chain in a row do not reach Object.prototype", async () => {
  await loadNq(
    '{"question": "x", "answer": ["y"], "__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}\n',
  );
  expect("polluted" in {}).toBe(false);
});

test.each([{ content: "" }, { content: "\n\n" }, { content: "\u{feff}" }])(
  "a file without rows is refused: $content",
  async ({ content }) => {
    const error = await loadNq(content).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DatasetFileError);
    expect(String(error)).toContain("no rows of nq dev");
  },
);

const CSV = 'metadata,problem,answer\n{},Who?,Me\n"{""a"": 1}","When, exactly?\nBe brief.",Now\n';

async function loadSimpleQa(content: string | Uint8Array) {
  const dataDir = temporaryFolder({ "SimpleQA/simple_qa_test_set.csv": content });
  return loadDataset("simpleqa", { dataDir, hub: { offline: true } });
}

test("CSV: quoted commas, quotes and line breaks belong to the field", async () => {
  const { examples } = await loadSimpleQa(CSV);
  expect(examples.map(({ question }) => question)).toEqual(["Who?", "When, exactly?\nBe brief."]);
});

test.each([
  { name: "a byte order mark", content: `\u{feff}${CSV}` },
  { name: "CRLF row ends", content: CSV.replaceAll(/\n(?!Be)/g, "\r\n") },
  { name: "no line end after the last row", content: CSV.trimEnd() },
  { name: "columns in another order", content: 'answer,problem\nMe,Who?\nNow,"When, exactly?\nBe brief."\n' },
])("CSV with $name loads the same rows", async ({ content }) => {
  expect((await loadSimpleQa(content)).fingerprint).toEqual((await loadSimpleQa(CSV)).fingerprint);
});

test.each([
  { name: "a ragged row", content: `${CSV}{},only two\n`, row: 3, message: "is not valid CSV" },
  { name: "a quote that never closes", content: `${CSV}{},"When did,x\n`, row: 3, message: "is not valid CSV" },
  { name: "a quote in the middle", content: `${CSV}{},Wh"o",x\n`, row: 3, message: "is not valid CSV" },
  { name: "an empty answer", content: `${CSV}{},Where?,\n`, row: 3, field: "answer", message: "is blank" },
  {
    name: "Latin-1",
    content: Buffer.from(`${CSV}{},Où?,ici\n`, "latin1"),
    row: 5,
    message: "line 5 is not valid UTF-8",
  },
])("CSV with $name is refused, naming file and row", async ({ content, row, field, message }) => {
  const error = await loadSimpleQa(content).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DatasetRowError);
  expect(error).toMatchObject({ row, field: field ?? null });
  expect(String(error)).toContain("simple_qa_test_set.csv");
  expect(String(error)).toContain(message);
});

test.each([
  {
    name: "a missing column",
    content: "metadata,question,answer\n{},Who?,Me\n",
    message: 'has no column "problem"; its first line names metadata, question, answer',
  },
  { name: "no content", content: "", message: "no rows of simpleqa test" },
  { name: "a header alone", content: "metadata,problem,answer\n", message: "no rows of simpleqa test" },
])("CSV with $name is refused, naming the file", async ({ content, message }) => {
  const error = await loadSimpleQa(content).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DatasetFileError);
  expect(String(error)).toContain("simple_qa_test_set.csv");
  expect(String(error)).toContain(message);
});

async function loadStrategyQa(content: string | Uint8Array) {
  const dataDir = temporaryFolder({ "StrategyQA/strategyqa_train.json": content });
  return loadDataset("strategyqa", { dataDir, hub: { offline: true } });
}

test("StrategyQA: yes and no become true and false", async () => {
  const rows = [
    { qid: "a", question: "Is it?", answer: true },
    { qid: "b", question: "Is it not?", answer: false },
  ];
  const { examples } = await loadStrategyQa(`\u{feff}${JSON.stringify(rows)}`);
  expect(examples).toMatchObject([{ answers: ["true"] }, { answers: ["false"] }]);
});

test.each([
  {
    name: "an answer in words",
    content: '[{"question": "Is it?", "answer": true},\n{"question": "x", "answer": "yes"}]',
    message: /row 2, field answer: should be a boolean, not a string/,
  },
  {
    name: "a cut end",
    content: '[{"question": "Is it?",\n "answer": true},\n',
    message: /is not valid JSON; is it complete/,
  },
  {
    name: "an error in a line",
    content: '[{"question": "Is it?",\n "answer": maybe}]',
    message: /is not valid JSON.*maybe/,
  },
  { name: "an object around the rows", content: '{"rows": []}', message: /should be one JSON array of rows/ },
  { name: "no rows", content: "[]", message: /no rows of strategyqa train/ },
  { name: "Latin-1", content: Buffer.from('[{"question": "Où?"}]', "latin1"), message: /is not valid UTF-8/ },
])("JSON with $name is refused, naming the file", async ({ content, message }) => {
  const error = await loadStrategyQa(content).catch((thrown: unknown) => thrown);
  expect(String(error)).toContain("strategyqa_train.json");
  expect(String(error)).toMatch(message);
});

test("the small world has 4 questions per person, half of them two-hop, and the held-out people by default", async () => {
  const sizes = await Promise.all(
    ["sft", "rl", "test"].map(async (split) => (await loadDataset("smallworld", { split })).examples.length),
  );
  expect(sizes).toEqual([64 * 4, 48 * 4, 48 * 4]);
  const { split, examples } = await loadDataset("smallworld");
  expect(split).toBe("test");
  expect(examples.filter(({ question }) => /^(Where|Who)/.test(question))).toHaveLength(96);
});

test("the registry names the rows of every split", () => {
  for (const { splits, defaultSplit, rows } of Object.values(DATASETS)) {
    expect(Object.keys(rows)).toEqual(splits);
    expect(splits).toContain(defaultSplit);
  }
});
