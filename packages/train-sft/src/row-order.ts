import { numpyPermutation, pythonShuffle } from "@pka/training";

/** The positions of the rows in the order of one epoch, counted from 0. */
export type RowOrder = (epoch: number) => ArrayLike<number>;

/**
 * The order of direct fine-tuning: numpy's permutation of the seed, of which `keep` rows are kept, and on top of it, in epoch e, the
 * permutation of seed + e. Epoch 0 shuffles with the same permutation twice, as the paper's script does.
 */
export function directOrder(numRows: number, seed: number, keep = numRows): RowOrder {
  const base = numpyPermutation(numRows, seed).slice(0, keep);
  return (epoch) => numpyPermutation(base.length, seed + epoch).map((position) => base[position]!);
}

/** The order of reasoning fine-tuning: the same with Python's `random.shuffle`. */
export function reasoningOrder(numRows: number, seed: number, keep = numRows): RowOrder {
  const rows = Array.from({ length: numRows }, (_, i) => i);
  const base = pythonShuffle(rows, seed).slice(0, keep);
  return (epoch) => pythonShuffle(base, seed + epoch);
}
