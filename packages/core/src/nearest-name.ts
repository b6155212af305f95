/**
 * The candidate that a mistyped name most likely meant, by edit distance on lower-cased text.
 *
 * @param name - What the user typed.
 * @param candidates - Every name that would have been right.
 * @returns The nearest candidate, the first of equals; `undefined` when none is within 2 edits or 40 % of its length.
 * @example
 * nearestName("trivaqa", ["triviaqa", "nq"]); // "triviaqa"
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let fewest = Infinity;
  for (const candidate of candidates) {
    const edits = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (edits < fewest && edits <= Math.max(2, 0.4 * candidate.length) && edits < candidate.length) {
      nearest = candidate;
      fewest = edits;
    }
  }
  return nearest;
}

/** Insertions, deletions and substitutions of one UTF-16 unit that turn `a` into `b` (Levenshtein). */
function editDistance(a: string, b: string): number {
  // Row i holds the distances of a's first i units to every prefix of b.
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
