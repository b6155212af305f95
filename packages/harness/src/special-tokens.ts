/** `<|…|>`, DeepSeek's `<｜…｜>`, and the tags of templates that are spelled like markup. Three letters at least: `<|x|>` is algebra. */
const SPECIAL_TOKEN =
  /<[|｜][\w▁ ]{3,40}[|｜]>|<\/?(?:s|think|answer)>|<(?:bos|eos|unk|pad|start_of_turn|end_of_turn)>|\[\/?INST\]/g;

/**
 * The special tokens of chat templates that a text spells out, each once, in their order.
 *
 * Tokenizers turn them into control tokens wherever they stand, also in what a user wrote, as they did in the paper's runs: a question
 * that holds one can end its own turn. Questions are sent as they are; this is for saying so.
 */
export function specialTokensIn(text: string): readonly string[] {
  return [...new Set(text.match(SPECIAL_TOKEN))];
}
