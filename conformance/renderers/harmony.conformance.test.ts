import { createRequire } from "node:module";
import { join } from "node:path";
import { loadHarmonyTokenizer } from "@pka/renderers";
import { array, integer, oneof, sample } from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { python } from "../python.js";
import { runOrThrow } from "../run.js";
import { textsOf } from "./texts-of.js";

const interpreter = python();
const why = interpreter === null ? " (skipped: no Python environment)" : "";

/** Where encoders go wrong: white space of every kind, marks, scripts, numbers, contractions, special tokens spelled out or nearly. */
const PIECES = [
  ..."\t \n \r\n \u0085 \u00a0 \u2028 \u200b \ufeff \u3000 \u180e \u001c".split(" "),
  "  ", "   \n\n", " ", "'s", "'LL", "'\u017f", "I'm", "don’t", "123", "4567890", "½", "²", "١٢٣", "Ⅷ", "/", "//\n",
  "e\u0301", "\u1e9b\u0323", "ﬁ", "Å", "\u0300", "ǅ", "ʰ", "東京", "ひらがな", "Москва", "القاهرة", "नमस्ते", "ไทย", "한국어",
  "🙂", "👨‍👩‍👧", "🇫🇷", "\u0000", "\u0007", "\uffff", "\u{10ffff}", "𝒳", "using", "namespace",
  "<|start|>", "<|end|>", "<|channel|>", "<|message|>", "<|return|>", "<|reserved_200000|>", "<|endofprompt|>", "<|", "|>", "<|en", "d|>",
  "Hamlet", "wrote", " the", "HTTPServer", "()[]{}", "...!?", "A".repeat(40), "ab".repeat(30), "-".repeat(20),
] as const; // prettier-ignore

const texts = textsOf(PIECES, { pieces: 14, texts: 10_000 });
// Single bytes make invalid UTF-8.
const anyId = oneof(integer({ min: 0, max: 255 }), integer({ min: 0, max: 200_018 }));
const looseIds = sample(array(anyId, { maxLength: 12 }), { numRuns: 3000, seed: 2 });

describe.skipIf(interpreter === null)(`o200k_harmony agrees with OpenAI's tiktoken${why}`, () => {
  let reply: { readonly ids: number[][]; readonly loose_texts: string[] };

  beforeAll(async () => {
    const require = createRequire(import.meta.url);
    const vocabulary = require.resolve("gpt-tokenizer/data/o200k_base.tiktoken");
    const script = join(import.meta.dirname, "tiktoken_reference.py");
    const input = JSON.stringify({ texts, loose_ids: looseIds });
    const { stdout } = await runOrThrow(interpreter!, [script, vocabulary], { input, timeoutMs: 120_000 });
    reply = JSON.parse(stdout);
  });

  test("the same ids for 10,000 texts, and the texts again for those ids", async () => {
    const tokenizer = await loadHarmonyTokenizer();
    const differences = texts.flatMap((text, index) => {
      const [ours, theirs] = [tokenizer.encode(text), reply.ids[index]!];
      return ours.join() === theirs.join() ? [] : [{ text: JSON.stringify(text), ours, theirs }];
    });
    expect(differences.slice(0, 5)).toEqual([]);
    expect(reply.ids.map((ids) => tokenizer.decode(ids))).toEqual(texts);
  });

  test("the same text for 3,000 lists of any ids", async () => {
    const tokenizer = await loadHarmonyTokenizer();
    expect(looseIds.map((ids) => tokenizer.decode(ids))).toEqual(reply.loose_texts);
  });
});
