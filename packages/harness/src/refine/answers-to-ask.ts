import { createHash } from "node:crypto";
import type { AnswerRow } from "./refine-source.js";

/** One answer that a judge is asked about. */
interface AnswerToAsk {
  readonly id: string;
  /** Of the answer. */
  readonly hash: string;
  readonly extracted: string;
  /** Some row that it stands in is to be asked. */
  readonly isWanted: boolean;
}

export interface AnswersToAsk {
  readonly items: readonly AnswerToAsk[];
  /** For every row its position in `items`; −1 = nothing was extracted. */
  readonly itemOf: Int32Array;
}

/**
 * What there is to ask about the rows of a file. With `reuse`, equal answers are one item, which goes by the hash of its text: it is
 * found again wherever it stands. Without, every row with an answer is an item, which goes by the row's position.
 *
 * @param startIndex - Only rows from this one on are to be asked; what is known of those before counts all the same.
 */
export function answersToAsk(
  rows: readonly AnswerRow[],
  { reuse, startIndex }: { readonly reuse: boolean; readonly startIndex: number },
): AnswersToAsk {
  const items: { id: string; hash: string; extracted: string; isWanted: boolean }[] = [];
  const itemOf = new Int32Array(rows.length).fill(-1);
  const known = new Map<string, number>();
  for (const [row, { extracted }] of rows.entries()) {
    if (extracted === "") continue;
    let item = reuse ? known.get(extracted) : undefined;
    if (item === undefined) {
      const hash = createHash("sha256").update(JSON.stringify(extracted)).digest("hex").slice(0, 32);
      item = items.push({ id: reuse ? `answer/${hash}` : `row/${row}`, hash, extracted, isWanted: false }) - 1;
      known.set(extracted, item);
    }
    itemOf[row] = item;
    items[item]!.isWanted ||= row >= startIndex;
  }
  return { items, itemOf };
}
