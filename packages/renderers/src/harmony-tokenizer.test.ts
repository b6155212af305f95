import { HAS_SHARED, SKIPPED } from "@pka/fault-kit";
import { assert, property, string } from "fast-check";
import { encode as encodeByLibrary } from "gpt-tokenizer/encoding/o200k_harmony";
import { describe, expect, test } from "vitest";
import { loadHarmonyTokenizer } from "./harmony-tokenizer.js";
import { HARMONY_SPECIAL_TOKENS } from "./harmony-tokens.js";
import { NQ_NO_THINKING, readTrace, STRATEGYQA } from "./testing/paper-traces.js";

const tokenizer = await loadHarmonyTokenizer();

// Ids by tiktoken 0.14.0 with the pattern and special tokens of o200k_harmony.
test.each([
  { name: "words of headers", text: "assistant", ids: [173781] },
  { name: "a channel of two tokens", text: "commentary", ids: [12606, 815] },
  { name: "a byte-order mark before a word", text: "\ufeffusing System;", ids: [9251, 1219, 26] },
  { name: "byte-order marks within a text", text: "a\ufeff\ufeffb", ids: [64, 135153, 65] },
  { name: "U+0085 is white space", text: "x \u0085 y", ids: [87, 1322, 227, 342] },
  { name: "U+0085 before a line break", text: "\u0085\u0085\n", ids: [126, 227, 126, 227, 198] },
  { name: "contractions in any case", text: "it'\u017f we'LL", ids: [278, 6, 70067, 581, 6, 7454] },
  { name: "other white space", text: "\u00a0 \u2028a", ids: [5310, 220, 51008, 64] },
  { name: "accents, combined or not", text: "e\u0301t\u00e9", ids: [68, 13430, 54949] },
  {
    name: "characters of several tokens",
    text: "\u{1f469}\u200d\u{1f469}\u200d\u{1f467}",
    ids: [28823, 102, 2524, 28823, 102, 2524, 28823, 100],
  },
  {
    name: "special tokens in place",
    text: "<|end|><|reserved_200000|>x<|endofprompt|>",
    ids: [200007, 200000, 87, 200018],
  },
  {
    name: "a special token within what looks like one",
    text: "<|en<|end|>d|>",
    ids: [27, 91, 262, 200007, 67, 91, 29],
  },
  { name: "digits in groups of three", text: "\u0967\u0968\u0969\u096a\u096b", ids: [117910, 31527, 35505, 30623] },
  { name: "capitals and a contraction", text: "HTTPServerError's", ids: [17893, 6444, 2255, 885] },
  { name: "slashes and line breaks", text: "//\r\n\r\n//", ids: [393, 125141] },
  { name: "white space before a word", text: "   \n  x", ids: [10190, 220, 1215] },
  { name: "nothing", text: "", ids: [] },
])("$name", ({ text, ids }) => {
  expect(tokenizer.encode(text)).toEqual(ids);
  expect(tokenizer.decode(ids)).toBe(text);
});

test("all 21 special tokens are single ids, wherever they stand", () => {
  expect(HARMONY_SPECIAL_TOKENS).toHaveLength(21);
  for (const [index, token] of HARMONY_SPECIAL_TOKENS.entries()) {
    expect(tokenizer.encode(`a${token}b`)).toEqual([64, 199_998 + index, 65]);
  }
  expect(tokenizer.vocabSize).toBe(200_019);
});

// Text by tiktoken 0.14.0, which replaces invalid bytes.
test.each([
  { name: "a character that was cut", ids: [13865], text: "\ufffd" },
  { name: "a cut character before a letter", ids: [38207, 64], text: "\ufffda" },
  { name: "a byte that no character has", ids: [187, 64], text: "\ufffda" },
  { name: "cut characters around a special token", ids: [27069, 128, 200007, 128], text: " numero\ufffd<|end|>\ufffd" },
])("invalid UTF-8 becomes U+FFFD: $name", ({ ids, text }) => {
  expect(tokenizer.decode(ids)).toBe(text);
  expect(tokenizer.decode([64])).toBe("a"); // nothing is left over from the call before
});

test("ids without a token decode to nothing", () => {
  expect(tokenizer.decode([64, 200_019, 201_087, -1, 65])).toBe("ab");
});

test("any text without lone surrogates comes back unchanged", () => {
  assert(
    property(string({ unit: "binary", maxLength: 60 }), (text) => {
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("a lone surrogate is read as U+FFFD", () => {
  expect(tokenizer.encode("a\ud800b")).toEqual(tokenizer.encode("a\ufffdb"));
});

test.each(["A", " ", "\u00e9", "ab", "\n ", "1"])("200,000 times %j is encoded", (unit) => {
  const text = unit.repeat(200_000);
  expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
});

test("it is loaded once", async () => {
  expect(await loadHarmonyTokenizer()).toBe(tokenizer);
});

describe.skipIf(!HAS_SHARED)(`published completions of gpt-oss-20b${SKIPPED}`, () => {
  // The file's num_tokens counts the stop token, which is no part of the text. The other rows were cut by the token limit,
  // or sampled in other tokens than a tokenizer chooses.
  test.each([
    { name: STRATEGYQA, rows: 2061, oneMore: 2057 },
    { name: NQ_NO_THINKING, rows: 3610, oneMore: 3443 },
  ])("$name: num_tokens is one more than the tokens here in $oneMore of $rows rows", ({ name, rows, oneMore }) => {
    const trace = readTrace(name);
    const differences = trace.map((row) => row.num_tokens - tokenizer.encode(row.raw_prediction).length);
    expect(trace).toHaveLength(rows);
    expect(differences.filter((difference) => difference === 1)).toHaveLength(oneMore);
    expect(Math.max(...differences)).toBeLessThanOrEqual(13);
    expect(Math.min(...differences)).toBeGreaterThanOrEqual(0);
  });

  test.each([STRATEGYQA, NQ_NO_THINKING])("%s: gpt-tokenizer agrees wherever it is right", (name) => {
    for (const { raw_prediction: text } of readTrace(name)) {
      // It takes special tokens at the start of a text only, and has another white space.
      const pieces = text.split(/<\|[a-z]+\|>/).filter((piece) => !/[\ufeff\u0085]/.test(piece));
      for (const piece of pieces) expect(tokenizer.encode(piece)).toEqual(encodeByLibrary(piece));
    }
  });
});
