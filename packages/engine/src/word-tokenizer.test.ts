import fc from "fast-check";
import { expect, test } from "vitest";
import { WordTokenizer } from "./word-tokenizer.js";

const tokenizer = WordTokenizer.fromTexts([" Where does Welmira live?", "Where is it."]);

test("words of the vocabulary are one token each, with the space before them", () => {
  expect(tokenizer.words).toEqual([" Where", " does", " Welmira", " live", "?", "Where", " is", " it", "."]);
  expect(tokenizer.encode(" Where does Welmira live?")).toEqual([261, 262, 263, 264, 265]);
  expect(tokenizer.encode("Where does Welmira live?")).toEqual([266, 262, 263, 264, 265]);
});

test("special tokens spelled out in a text become their ids", () => {
  expect(tokenizer.encode("<think></think><answer></answer><|end|>")).toEqual([256, 257, 258, 259, 260]);
  expect(tokenizer.tokenId("</think>")).toBe(257);
  expect(tokenizer.vocabSize).toBe(270);
});

test("what is no word of the vocabulary is spelled in UTF-8 bytes", () => {
  expect(tokenizer.encode("é")).toEqual([0xc3, 0xa9]);
  expect(tokenizer.encode(" lives")).toEqual([...Buffer.from(" lives")]);
});

/** Any code point that is no surrogate. */
const codePoint = fc.integer({ min: 0, max: 0x10ffff - 0x800 }).map((n) => (n < 0xd800 ? n : n + 0x800));

test("every well-formed text survives encoding and decoding", () => {
  const piece = fc.constantFrom(
    " Where",
    "Where",
    " ",
    "  ",
    "<think>",
    "<|end|>",
    "<",
    "?",
    "\n",
    "\uFEFF",
    "王",
    "👩‍🔬",
    "é",
  );
  const text = fc.oneof(
    fc.array(codePoint).map((points) => String.fromCodePoint(...points)),
    fc.array(piece).map((pieces) => pieces.join("")),
  );
  fc.assert(fc.property(text, (input) => tokenizer.decode(tokenizer.encode(input)) === input));
});

test("decoding in pieces and together gives the same text, except inside a character", () => {
  const ids = tokenizer.encode(" Where is Zürich?");
  expect(ids.map((id) => tokenizer.decode([id])).join("")).toBe(" Where is Z\uFFFD\uFFFDrich?");
  expect(tokenizer.decode(ids)).toBe(" Where is Zürich?");
  expect(tokenizer.decode([])).toBe("");
});

test("a lone surrogate becomes U+FFFD", () => {
  expect(tokenizer.decode(tokenizer.encode("a\uD800b"))).toBe("a\uFFFDb");
});

test.each(["x <", "<|end|>"])("a megabyte of %j is encoded without slowing down on the way", (unit) => {
  const text = unit.repeat(1_000_000 / unit.length);
  expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
});

test("an id outside the vocabulary is refused with its position", () => {
  expect(() => tokenizer.decode([65, 270])).toThrow("tokens[1]: 270 is not a token id; the tokenizer's are 0 to 269");
  expect(() => tokenizer.decode([1.5])).toThrow("1.5 is not a token id");
});

test("impossible vocabularies are refused", () => {
  expect(() => new WordTokenizer(["a", "a"])).toThrow('"a" occurs twice');
  expect(() => new WordTokenizer(["<think>"])).toThrow('"<think>" occurs twice');
  expect(() => new WordTokenizer(["two words"])).toThrow('"two words" is not one word, but 2');
  expect(() => new WordTokenizer([""])).toThrow('"" is not one word, but 0');
});
