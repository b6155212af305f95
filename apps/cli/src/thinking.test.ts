import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EXIT } from "./exit-codes.js";
import { runPka } from "./testing/run-pka.js";

const temporary = mkdtempSync(join(tmpdir(), "pka-thinking-"));
const OFFLINE = { HF_HUB_OFFLINE: "1", HF_HOME: join(temporary, "hf") };

const thought = (text: string) =>
  `<|channel|>analysis<|message|>${text}<|end|><|start|>assistant<|channel|>final<|message|>x`;
const rows = (...texts: readonly [text: string, recall: boolean][]) =>
  JSON.stringify({
    results: texts.map(([raw, recall], index) => ({ question: `q${index}`, raw_prediction: raw, recall })),
  });

function folder(name: string, files: Readonly<Record<string, string>>): string {
  const path = join(temporary, name);
  mkdirSync(path, { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(join(path, file), content);
  return path;
}

/** A byte-level tokenizer of single bytes: as many tokens as ASCII characters. */
function tokenizerFolder(): string {
  const bytes = [...Array(256).keys()];
  const isPrintable = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173);
  let next = 256;
  const vocab = Object.fromEntries(
    bytes.map((byte) => [String.fromCodePoint(isPrintable(byte) ? byte : next++), byte]),
  );
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false };
  return folder("tokenizer", {
    "tokenizer.json": JSON.stringify({
      version: "1.0",
      added_tokens: [],
      normalizer: null,
      pre_tokenizer: byteLevel,
      post_processor: null,
      decoder: byteLevel,
      model: { type: "BPE", vocab, merges: [] },
    }),
    "tokenizer_config.json": JSON.stringify({ tokenizer_class: "PreTrainedTokenizerFast" }),
  });
}

test("gpt-oss in tokens, offline: averages in a file as the paper's script writes it, the rest as one document", async () => {
  const results = folder("gptoss", {
    // "Need answer" is 2 tokens of o200k_harmony, "hi" 1.
    "nq_gptoss20b_no_cues_with_thinking.json": rows(
      [thought("Need answer"), true],
      [thought("hi"), false],
      ["<|channel|>analysis<|message|>Need answer", false],
    ),
    "nq_gpt52_no_cues.json": rows(["x", true]),
  });
  const output = join(temporary, "new", "stats.json");
  const { exitCode, stdout, stderr } = await runPka(["thinking", results, "--json", "--output", output], OFFLINE);
  expect({ exitCode, stderr }).toEqual({
    exitCode: EXIT.done,
    stderr: "warning: nq_gpt52_no_cues.json skipped: gpt-5.2 does not show its thinking\n",
  });
  expect(JSON.parse(readFileSync(output, "utf8"))).toEqual({
    "nq_gptoss20b_no_cues_with_thinking.json": {
      total_samples: 3,
      avg_thinking_tokens: 1,
      num_recalled: 1,
      num_not_recalled: 2,
      avg_thinking_tokens_recalled: 2,
      avg_thinking_tokens_not_recalled: 0.5,
    },
  });
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 1,
    unit: "tokens",
    files: [
      {
        file: "nq_gptoss20b_no_cues_with_thinking.json",
        modelType: "gpt-oss-20b",
        states: { closed: 2, unclosed: 1, none: 0 },
        lengths: { median: 2 },
        contrast: null,
      },
    ],
    skipped: [{ file: "nq_gpt52_no_cues.json" }],
    failed: [],
  });
});

test("--results-dir is read where nothing is named, and the refined answers beside a file decide", async () => {
  const results = folder("olmo", {
    "nq_olmo3_no_cues_with_thinking.json": rows(["abcd</think>x", true], ["ab</think>x", true]),
    "ex_nq_olmo3_no_cues_with_thinking.json": JSON.stringify({ results: [{ recalled: true }, { recalled: false }] }),
  });
  const { exitCode, stdout } = await runPka(["thinking", "--results_dir", results, "--no-tokenizer"]);
  expect(exitCode).toBe(EXIT.done);
  expect(stdout).toMatch(/nq_olmo3_no_cues_with_thinking +│ 2 +│ 3\.00 +│ 1 +│ 4\.00 +│ 1 +│ 2\.00/);
});

test("the tokenizer of a folder counts, and both spellings of a model type are taken", async () => {
  const results = folder("r1", { "answers.json": rows(["abcd</think>x", true]) });
  for (const modelType of ["r1-qwen", "r1-distill-qwen-1.5b"]) {
    const args = [
      "thinking",
      join(results, "answers.json"),
      "--model-type",
      modelType,
      "--tokenizer",
      tokenizerFolder(),
    ];
    const { exitCode, stdout } = await runPka([...args, "--json"], OFFLINE);
    expect({ modelType, exitCode }).toEqual({ modelType, exitCode: EXIT.done });
    expect(JSON.parse(stdout).files[0].averages).toMatchObject({ avgThinkingTokens: 4 });
  }
});

test("without its tokenizer a model's files fail, saying what to do, and the others are measured", async () => {
  const results = folder("mixed", {
    "a_olmo3.json": rows(["abcd</think>x", true]),
    "b_gptoss20b.json": rows([thought("hi"), true]),
  });
  const { exitCode, stdout, stderr } = await runPka(["thinking", results], OFFLINE);
  expect(exitCode).toBe(EXIT.failed);
  expect(stderr).toMatch(/allenai\/Olmo-3-7B-Think is not in .*--tokenizer.*--no-tokenizer/);
  expect(stdout).toContain("b_gptoss20b");

  const ambiguous = await runPka(["thinking", results, "--tokenizer", tokenizerFolder()], OFFLINE);
  expect(ambiguous.exitCode).toBe(EXIT.usage);
  expect(ambiguous.stderr).toContain("--tokenizer counts one model");
});

const bad = folder("bad", {
  "ex_nq_olmo3.json": "{}",
  "nq_olmo3.json": '{"results": [',
  "row_olmo3.json": '{"results": [{"raw_prediction": 1}]}',
  "escape_olmo3.json": '{"results": [{"raw_prediction": "\u001b[2J"}, 7]}',
  "unnamed.json": rows(["x", true]),
});
mkdirSync(join(temporary, "empty"));

test.each([
  { name: "refined answers", args: [join(bad, "ex_nq_olmo3.json")], exitCode: EXIT.usage, says: /Give nq_olmo3\.json/ },
  {
    name: "an unknown model type",
    args: [bad, "--model-type", "olmoo"],
    exitCode: EXIT.usage,
    says: /Did you mean olmo\?/,
  },
  {
    name: "no such file",
    args: [join(bad, "missing.json")],
    exitCode: EXIT.usage,
    says: /missing\.json: no such file/,
  },
  { name: "an empty folder", args: [join(temporary, "empty")], exitCode: EXIT.usage, says: /holds no result files/ },
  { name: "a torn file", args: [join(bad, "nq_olmo3.json")], exitCode: EXIT.failed, says: /nq_olmo3\.json: byte 13/ },
  {
    name: "a row that is none",
    args: [join(bad, "row_olmo3.json")],
    exitCode: EXIT.failed,
    says: /row 0 .*raw_prediction/s,
  },
  {
    name: "terminal escapes",
    args: [join(bad, "escape_olmo3.json")],
    exitCode: EXIT.failed,
    says: /escape_olmo3\.json/,
  },
  {
    name: "a name without a model",
    args: [join(bad, "unnamed.json")],
    exitCode: EXIT.failed,
    says: /give --model-type/,
  },
  {
    name: "a tokenizer that is neither folder nor repository",
    args: [join(bad, "unnamed.json"), "--model-type", "olmo", "--tokenizer", "./no/such"],
    exitCode: EXIT.usage,
    says: /is not a folder/,
  },
  {
    name: "an output that cannot be written",
    args: [
      join(bad, "unnamed.json"),
      "--model-type",
      "olmo",
      "--no-tokenizer",
      "--output",
      join(bad, "unnamed.json", "x"),
    ],
    exitCode: EXIT.failed,
    says: /cannot write the averages/,
  },
])("$name: says so, exit code $exitCode", async ({ args, exitCode, says }) => {
  const run = await runPka(["thinking", ...args, ...(args.includes("--tokenizer") ? [] : ["--no-tokenizer"])], OFFLINE);
  expect(run.stderr).toMatch(says);
  for (const unwanted of ["    at ", "\u001b"]) expect(run.stderr).not.toContain(unwanted);
  expect(run.exitCode).toBe(exitCode);
});

test("nothing was written into the cache of an offline run", () => {
  expect(existsSync(OFFLINE.HF_HOME)).toBe(false);
});
