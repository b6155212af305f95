import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CheckpointTokenizer, loadHfTokenizer } from "@pka/renderers";
import { array, integer, sample } from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { python } from "../python.js";
import { runOrThrow } from "../run.js";
import { textsOf } from "./texts-of.js";

const interpreter = python();
const why = interpreter === null ? " (skipped: no Python environment)" : "";

/** Where tokenizers go wrong: white space of every kind, marks, scripts, numbers, contractions, spelled-out special tokens. */
const PIECES = [
  ..."\t \n \r\n \u0085 \u00a0 \u2028 \u200b \ufeff \u3000 \u180e".split(" "),
  "  ", "   \n\n", " ", "'s", "'LL", "I'm", "don’t", "123", "4567890", "½", "²", "١٢٣", "Ⅷ",
  "e\u0301", "\u1e9b\u0323", "ﬁ", "Å", "\u0300", "東京", "ひらがな", "カタカナ", "Москва", "القاهرة", "नमस्ते", "ไทย", "한국어",
  "🙂", "👨‍👩‍👧", "🇫🇷", "\u0000", "\u0007", "\uffff", "\u{10ffff}", "𝒳",
  "<think>", "</think>", "<|im_end|>", "<|im_end", "<｜begin▁of▁sentence｜>", "<answer>", "Hamlet", "wrote", " the", "()[]{}", "...!?",
] as const; // prettier-ignore

const texts = textsOf(PIECES, { pieces: 12, texts: 2000 });
const looseIds = sample(array(integer({ min: 0, max: 720 }), { maxLength: 30 }), { numRuns: 500, seed: 2 });

type Reply = Readonly<
  Record<
    string,
    { readonly vocab_size: number; readonly ids: number[][]; readonly texts: string[]; readonly loose_texts: string[] }
  >
>;

describe.skipIf(interpreter === null)(`loadHfTokenizer agrees with Python's tokenizers${why}`, () => {
  let folder: string;
  let reply: Reply;
  const load = (name: string): Promise<CheckpointTokenizer> => loadHfTokenizer(join(folder, name));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "pka-tokenizers-"));
    const script = join(import.meta.dirname, "reference.py");
    const input = JSON.stringify({ texts, loose_ids: looseIds });
    const { stdout } = await runOrThrow(interpreter!, [script, "tokenizers", folder], { input, timeoutMs: 120_000 });
    reply = JSON.parse(stdout);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const NAMES = ["nfc-one-digit", "three-digits", "three-splits-bos", "plain-byte-level"];

  test.each(NAMES)("%s: the same ids for 2,000 texts", async (name) => {
    const { ids, vocab_size: vocabSize } = reply[name]!;
    const tokenizer = await load(name);
    expect(tokenizer.vocabSize).toBe(vocabSize);
    const differences = texts.flatMap((text, index) => {
      const [ours, theirs] = [tokenizer.encode(text), ids[index]!];
      return ours.join() === theirs.join() ? [] : [{ text: JSON.stringify(text), ours, theirs }];
    });
    expect(differences.slice(0, 5)).toEqual([]);
  });

  test.each(NAMES)("%s: the same text for those ids, and for 500 lists of any ids", async (name) => {
    const { ids, texts: decoded, loose_texts: loose } = reply[name]!;
    const tokenizer = await load(name);
    expect(ids.map((tokens) => tokenizer.decode(tokens))).toEqual(decoded);
    expect(looseIds.map((tokens) => tokenizer.decode(tokens))).toEqual(loose);
  });
});
