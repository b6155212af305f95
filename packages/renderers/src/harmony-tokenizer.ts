import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { messageOf, type Tokenizer } from "@pka/core";
import { BytePairEncoder } from "./byte-pair-encoder.js";
import { TokenizerFileError } from "./errors.js";
import { HARMONY_SPECIAL_TOKENS } from "./harmony-tokens.js";

/** OpenAI's vocabulary as published: a line for each token, its bytes in base64 and its rank. */
const VOCABULARY = "gpt-tokenizer/data/o200k_base.tiktoken";
const NUM_ORDINARY_TOKENS = 199_998;

// `\s` is spelled out: JavaScript's has U+FEFF and lacks U+0085. So is the ignored case of the contractions: it has U+017F.
const CONTRACTION = "(?:'(?:[sSſdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE]))?";
const [CAPITAL, SMALL] = ["\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}", "\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}"];
const WORDS = [
  `[^\\r\\n\\p{L}\\p{N}]?[${CAPITAL}]*[${SMALL}]+${CONTRACTION}`,
  `[^\\r\\n\\p{L}\\p{N}]?[${CAPITAL}]+[${SMALL}]*${CONTRACTION}`,
  "\\p{N}{1,3}",
  " ?[^\\p{White_Space}\\p{L}\\p{N}]+[\\r\\n/]*",
  "\\p{White_Space}*[\\r\\n]+",
  "\\p{White_Space}+(?!\\P{White_Space})",
  "\\p{White_Space}+",
].join("|");

const SPECIAL = new RegExp(`(${HARMONY_SPECIAL_TOKENS.map((token) => token.replaceAll("|", "\\|")).join("|")})`);

let loading: Promise<Tokenizer> | undefined;

/**
 * `o200k_harmony`, the tokenizer of gpt-oss, without any download. The first call reads the vocabulary, later calls share it.
 *
 * @returns Ids equal to those of OpenAI's `tiktoken` with every special token allowed and of Python's `tokenizers` with
 * `add_special_tokens=False`: a special token spelled out anywhere in a text becomes its id, also in what a user wrote.
 * `decode` spells special tokens out; ids without a token, which a model with padded embeddings can sample, decode to nothing.
 * @throws TokenizerFileError when the vocabulary of the package `gpt-tokenizer` is missing or damaged.
 */
export function loadHarmonyTokenizer(): Promise<Tokenizer> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load(): Promise<Tokenizer> {
  const ranks = await readVocabulary();
  const encoder = new BytePairEncoder(ranks, new RegExp(WORDS, "gu"));
  const bytes = [...ranks.keys(), ...HARMONY_SPECIAL_TOKENS];
  const specialIds = new Map(HARMONY_SPECIAL_TOKENS.map((token, index) => [token, NUM_ORDINARY_TOKENS + index]));
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return {
    vocabSize: bytes.length,
    encode: (text) => text.split(SPECIAL).flatMap((part) => specialIds.get(part) ?? encoder.encode(part)),
    decode: (tokens) => decoder.decode(Buffer.from(tokens.map((token) => bytes[token] ?? "").join(""), "latin1")),
  };
}

/** Byte string → rank, in the order of the ranks. */
async function readVocabulary(): Promise<Map<string, number>> {
  let file: string = VOCABULARY;
  let text: string;
  try {
    file = createRequire(import.meta.url).resolve(VOCABULARY);
    text = await readFile(file, "latin1");
  } catch (cause) {
    throw new TokenizerFileError(file, `cannot be read: ${messageOf(cause)}. Install gpt-tokenizer again`, { cause });
  }
  const ranks = new Map<string, number>();
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const [base64 = "", rank] = line.split(" ");
    if (Number(rank) !== ranks.size) break;
    ranks.set(Buffer.from(base64, "base64").toString("latin1"), ranks.size);
  }
  if (ranks.size !== NUM_ORDINARY_TOKENS) {
    throw new TokenizerFileError(file, `holds ${ranks.size} tokens in order, not 199,998. Install gpt-tokenizer again`);
  }
  return ranks;
}
