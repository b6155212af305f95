import { join } from "node:path";
import { Tokenizer as HfTokenizer } from "@huggingface/tokenizers";
import type { Tokenizer } from "@pka/core";
import { messageOf, TokenizerFileError } from "./errors.js";
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
    tokenizer = new HfTokenizer(json, config);
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
