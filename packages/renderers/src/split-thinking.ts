/**
 * The two parts of a completion whose thinking ends in `</think>`, in any case.
 * The closing tag itself belongs to neither, and white space stays.
 *
 * @returns `thinking`: everything before the first tag, or the whole text where there is none.
 * `answer`: everything after the last tag, `""` where there is none.
 * @see `extract_thinking_tokens.py` (first tag) and `run_eval.py` (last tag) of arXiv:2602.22193. They agree unless the
 * tag repeats; the text between the first and the last then belongs to neither part.
 */
export function splitThinking(text: string): { thinking: string; answer: string } {
  const tags = [...text.matchAll(/<\/think>/giu)];
  const first = tags[0];
  const last = tags.at(-1);
  if (!first || !last) return { thinking: text, answer: "" };
  return { thinking: text.slice(0, first.index), answer: text.slice(last.index + last[0].length) };
}
