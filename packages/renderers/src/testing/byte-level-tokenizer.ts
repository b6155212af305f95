const printable = (byte: number): boolean =>
  (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);

/** Byte-level BPE writes each of the 256 bytes as one printable character; the unprintable ones move up from U+0100. */
function byteCharacters(): string[] {
  let moved = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : moved++));
}

const added = (id: number, content: string, special: boolean) => ({
  id,
  content,
  special,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
});

/**
 * A whole `tokenizer.json` small enough to work out by hand: id of a byte = the byte, three merges
 * (256 `he`, 257 `ll`, 258 `hell`), 259 `<think>`, 260 `</think>`, 261 the special `<|end|>`.
 */
export function byteLevelTokenizer() {
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false };
  const vocab = Object.fromEntries(byteCharacters().map((character, byte) => [character, byte]));
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [added(259, "<think>", false), added(260, "</think>", false), added(261, "<|end|>", true)],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: "",
      end_of_word_suffix: "",
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: { ...vocab, he: 256, ll: 257, hell: 258 },
      merges: [
        ["h", "e"],
        ["l", "l"],
        ["he", "ll"],
      ],
    },
  };
}
