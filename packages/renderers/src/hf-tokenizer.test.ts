import { join } from "node:path";
import { assert, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { TokenizerFileError } from "./errors.js";
import { loadHfTokenizer } from "./hf-tokenizer.js";
import { byteLevelTokenizer } from "./testing/byte-level-tokenizer.js";
import { writeCheckpoint } from "./testing/write-checkpoint.js";

const config = { tokenizer_class: "PreTrainedTokenizerFast", eos_token: "<|end|>" };
const load = async () =>
  loadHfTokenizer(await writeCheckpoint({ "tokenizer.json": byteLevelTokenizer(), "tokenizer_config.json": config }));

describe("loadHfTokenizer", () => {
  test("merges are applied in order, and added tokens spelled out in the text become their ids", async () => {
    const tokenizer = await load();
    expect(tokenizer.vocabSize).toBe(262);
    expect([...tokenizer.specialTokens]).toEqual([261]);
    expect(tokenizer.encode("hello")).toEqual([258, 0x6f]);
    expect(tokenizer.encode("<think>é</think><|end|>")).toEqual([259, 0xc3, 0xa9, 260, 261]);
    expect(tokenizer.encode("")).toEqual([]);
  });

  test("white space is Unicode's where the byte-level pre-tokenizer splits with its built-in pattern", async () => {
    const json = byteLevelTokenizer();
    const vocab = { ...json.model.vocab, "'s": 262 };
    const folder = await writeCheckpoint({
      "tokenizer.json": {
        ...json,
        pre_tokenizer: { ...json.pre_tokenizer, use_regex: true },
        model: { ...json.model, vocab, merges: [["'", "s"]] },
      },
      "tokenizer_config.json": config,
    });
    // U+0085 is white space, so it splits off; in JavaScript's own \s it is not.
    expect((await loadHfTokenizer(folder)).encode("\u0085's")).toEqual([0xc2, 0x85, 262]);
  });

  test("no token is added at either end", async () => {
    const json = { ...byteLevelTokenizer(), post_processor: bosProcessor };
    const folder = await writeCheckpoint({ "tokenizer.json": json, "tokenizer_config.json": config });
    expect((await loadHfTokenizer(folder)).encode("hell")).toEqual([258]);
  });

  test("decode keeps special tokens and spaces as they are", async () => {
    const tokenizer = await load();
    const text = "it 's so . <|end|> do n't";
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    expect(tokenizer.decode([])).toBe("");
  });

  test("invalid UTF-8 becomes U+FFFD and ids without a token become nothing", async () => {
    const tokenizer = await load();
    expect(tokenizer.decode([0x41, 0xc3, 0x42])).toBe("A\ufffdB");
    expect(tokenizer.decode([500, 0x41, 262])).toBe("A");
    expect(tokenizer.decode([500])).toBe("");
  });

  test("any text without lone surrogates comes back unchanged", async () => {
    const tokenizer = await load();
    assert(
      property(string({ unit: "binary", maxLength: 60 }), (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      }),
    );
  });
});

const bosProcessor = {
  type: "TemplateProcessing",
  single: [{ SpecialToken: { id: "<|end|>", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
  pair: [{ Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 1 } }],
  special_tokens: { "<|end|>": { id: "<|end|>", ids: [261], tokens: ["<|end|>"] } },
};

describe("loadHfTokenizer names the file that is at fault", () => {
  test.each([
    {
      name: "no tokenizer.json",
      files: { "tokenizer_config.json": config },
      file: "tokenizer.json",
      says: "not found",
    },
    {
      name: "no tokenizer_config.json",
      files: { "tokenizer.json": byteLevelTokenizer() },
      file: "tokenizer_config.json",
      says: "not found",
    },
    {
      name: "a download that broke off",
      files: { "tokenizer.json": '{"version": "1.0", "mod', "tokenizer_config.json": config },
      file: "tokenizer.json",
      says: "not valid JSON",
    },
    {
      name: "a list",
      files: { "tokenizer.json": [], "tokenizer_config.json": config },
      file: "tokenizer.json",
      says: "not a JSON object",
    },
    {
      name: "another JSON file",
      files: { "tokenizer.json": { hello: 1 }, "tokenizer_config.json": config },
      file: "tokenizer.json",
      says: "not a usable tokenizer",
    },
    {
      name: "a model type that does not exist",
      files: {
        "tokenizer.json": { ...byteLevelTokenizer(), model: { type: "Telepathy" } },
        "tokenizer_config.json": config,
      },
      file: "tokenizer.json",
      says: "not a usable tokenizer",
    },
  ])("$name", async ({ files, file, says }) => {
    const folder = await writeCheckpoint(files);
    const loading = loadHfTokenizer(folder);
    await expect(loading).rejects.toThrow(TokenizerFileError);
    await expect(loading).rejects.toThrow(`${join(folder, file)}: `);
    await expect(loading).rejects.toThrow(says);
  });
});
