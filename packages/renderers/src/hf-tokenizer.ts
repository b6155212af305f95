import { join } from "node:path";
import { Tokenizer as HfTokenizer } from "@huggingface/tokenizers";
import { messageOf, type Tokenizer } from "@pka/core";
import { TokenizerFileError } from "./errors.js";
import { readCheckpointJson } from "./read-checkpoint-file.js";

/** A checkpoint's tokenizer, which also tells its special tokens apart. */
export interface CheckpointTokenizer extends Tokenizer {
  /** Ids of the tokens that mark structure, such as the end of a turn, and that a reader of the text does not see. */
  readonly specialTokens: ReadonlySet<number>;
}

/**
 * The tokenizer of a Hugging Face checkpoint folder.
 *
 * @param folder - Holds `tokenizer.json` and `tokenizer_config.json`.
 * @returns Ids equal to those of Python's `tokenizers` with `add_special_tokens=False`. `decode` keeps special tokens and
 * cleans no spaces up; ids without a token, which a model with padded embeddings can sample, decode to nothing.
 * @throws TokenizerFileError naming the file that is missing or damaged.
 */
export async function loadHfTokenizer(folder: string): Promise<CheckpointTokenizer> {
  const [json, config] = await Promise.all([
    readCheckpointJson(folder, "tokenizer.json"),
    readCheckpointJson(folder, "tokenizer_config.json"),
  ]);
  let tokenizer: HfTokenizer;
  try {
    tokenizer = new HfTokenizer({ ...json, pre_tokenizer: withUnicodeWhiteSpace(json.pre_tokenizer) }, config);
  } catch (cause) {
    const file = join(folder, "tokenizer.json");
    throw new TokenizerFileError(file, `is not a usable tokenizer: ${messageOf(cause)}`, { cause });
  }
  const added = [...tokenizer.get_added_tokens_decoder()];
  return {
    specialTokens: new Set(added.filter(([, { special }]) => special).map(([id]) => id)),
    vocabSize: tokenizer.get_vocab().size,
    encode: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids,
    decode(tokens) {
      const known = tokens.filter((token) => tokenizer.id_to_token(token) !== undefined);
      if (known.length === 0) return ""; // the library refuses an empty list
      return tokenizer.decode(known, { clean_up_tokenization_spaces: false });
    },
  };
}

/** The pattern of byte-level pre-tokenizers that have none of their own. */
const GPT2_PATTERN = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/**
 * Split with the spelled-out pattern in a step of its own. The library reads `\s` as Unicode's white space there, but as
 * JavaScript's, with U+FEFF and without U+0085, where the pattern is built in.
 */
function withUnicodeWhiteSpace(preTokenizer: unknown): unknown {
  if (typeof preTokenizer !== "object" || preTokenizer === null || !("type" in preTokenizer)) return preTokenizer;
  if ("pretokenizers" in preTokenizer && Array.isArray(preTokenizer.pretokenizers)) {
    return { ...preTokenizer, pretokenizers: preTokenizer.pretokenizers.map(withUnicodeWhiteSpace) };
  }
  const hasPattern =
    preTokenizer.type === "ByteLevel" && !("use_regex" in preTokenizer && preTokenizer.use_regex === false);
  // A space that is added comes before the split, and then the built-in pattern has to do.
  const addsSpace = "add_prefix_space" in preTokenizer && preTokenizer.add_prefix_space === true;
  if (!hasPattern || addsSpace) return preTokenizer;
  const split = { type: "Split", pattern: { Regex: GPT2_PATTERN }, behavior: "Isolated", invert: false };
  return { type: "Sequence", pretokenizers: [split, { ...preTokenizer, use_regex: false }] };
}
