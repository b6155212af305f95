import { UsageError } from "@pka/core";
import { requireOneOf } from "./check.js";

/** What says that two rows are about the same question. Compared exactly: case, blanks and Unicode form count. */
export type RowKey = string | number;

/** How rows find each other; see {@link pairRows}. */
export type PairBy = "occurrence" | "index" | "legacy";

/** How `pairRows` finds the partner of a row: by a key, or by position. */
export type PairOptions<Row> =
  | {
      /** Default `"occurrence"`. */
      readonly by?: "occurrence" | "legacy";
      readonly key: (row: Row, index: number) => RowKey;
    }
  | {
      readonly by: "index";
      /** With a key, pairs whose keys differ are reported as `mismatched`, and duplicates are found. */
      readonly key?: (row: Row, index: number) => RowKey;
    };

/** Two rows about the same question. Indices are 0-based positions in the two lists. */
export interface RowPair<First, Second> {
  readonly first: First;
  readonly second: Second;
  readonly firstIndex: number;
  readonly secondIndex: number;
  /** Key of the first row; absent when pairing by index without a key. Rows that share it are one cluster. */
  readonly key?: RowKey;
}

/** A key that more than one row of a list has. */
export interface DuplicateKey {
  readonly key: RowKey;
  /** 0-based positions of its rows, ascending; at least two. */
  readonly indices: readonly number[];
}

/** The two lists matched, in the order of the first, and what did not match. */
export interface Pairing<First, Second> {
  readonly pairs: readonly RowPair<First, Second>[];
  /** 0-based positions of rows without a partner. */
  readonly unmatched: { readonly first: readonly number[]; readonly second: readonly number[] };
  readonly duplicates: { readonly first: readonly DuplicateKey[]; readonly second: readonly DuplicateKey[] };
  /** By index only: positions at which the two keys differ. Any means that the lists are not in the same order. */
  readonly mismatched: readonly number[];
}

/**
 * Matches the rows of two lists, so that both are about the same question.
 *
 * - `"occurrence"` (default): the k-th row of a key in the first list with its k-th row in the second. One to one.
 * - `"index"`: row i with row i; the rest of the longer list is unmatched.
 * - `"legacy"`: as the paper's significance script. Of several rows with one key in the second list only the last is
 *   used, for every row of that key in the first list; rows of the second list whose key is `""` are never used.
 *
 * @param first - Rows of the first condition, any number. Not changed.
 * @param second - Rows of the second condition.
 * @throws UsageError naming the list and the row whose key is no text and no number, or for an unknown `by`.
 * @example pairRows(a, b, { key: (row) => row.question }).pairs
 */
export function pairRows<First, Second = First>(
  first: readonly First[],
  second: readonly Second[],
  options: PairOptions<First | Second>,
): Pairing<First, Second> {
  const { key } = options;
  const by = options.by ?? "occurrence";
  requireOneOf("by", by, ["occurrence", "index", "legacy"]);
  const firstKeys = key && keysOf("first", first, key);
  const secondKeys = key && keysOf("second", second, key);
  const firstRows = groupByKey(firstKeys ?? []);
  const secondRows = groupByKey(secondKeys ?? []);

  const partners =
    by === "index"
      ? first.map((_, index) => (index < second.length ? index : undefined))
      : partnersByKey(by, firstKeys ?? [], secondRows);
  const pairs = partners.flatMap((secondIndex, firstIndex): RowPair<First, Second>[] => {
    if (secondIndex === undefined) return [];
    const rows = { first: first[firstIndex]!, second: second[secondIndex]!, firstIndex, secondIndex };
    return [firstKeys === undefined ? rows : { ...rows, key: firstKeys[firstIndex]! }];
  });

  const used = new Set(partners);
  return {
    pairs,
    unmatched: {
      first: [...first.keys()].filter((index) => partners[index] === undefined),
      second: [...second.keys()].filter((index) => !used.has(index)),
    },
    duplicates: { first: duplicates(firstRows), second: duplicates(secondRows) },
    mismatched:
      by === "index" && firstKeys && secondKeys
        ? pairs.flatMap(({ firstIndex: index }) => (firstKeys[index] === secondKeys[index] ? [] : [index]))
        : [],
  };
}

function partnersByKey(
  by: "occurrence" | "legacy",
  firstKeys: readonly RowKey[],
  secondRows: ReadonlyMap<RowKey, readonly number[]>,
): (number | undefined)[] {
  if (by === "legacy") return firstKeys.map((key) => (key === "" ? undefined : secondRows.get(key)?.at(-1)));
  const seen = new Map<RowKey, number>();
  return firstKeys.map((key) => {
    const occurrence = seen.get(key) ?? 0;
    seen.set(key, occurrence + 1);
    return secondRows.get(key)?.[occurrence];
  });
}

function keysOf<Row>(list: string, rows: readonly Row[], key: (row: Row, index: number) => RowKey): RowKey[] {
  return rows.map((row, index) => {
    const found: unknown = key(row, index);
    if (typeof found === "string" || typeof found === "number") return found;
    throw new UsageError(
      `row ${index} of the ${list} list has no key: it must be a text or a number, not ${found === null ? "null" : typeof found}`,
    );
  });
}

/** Key → positions, both in order of appearance. */
function groupByKey(keys: readonly RowKey[]): Map<RowKey, number[]> {
  const groups = new Map<RowKey, number[]>();
  for (const [index, key] of keys.entries()) {
    const group = groups.get(key);
    if (group) group.push(index);
    else groups.set(key, [index]);
  }
  return groups;
}

function duplicates(groups: ReadonlyMap<RowKey, readonly number[]>): DuplicateKey[] {
  return [...groups].flatMap(([key, indices]) => (indices.length > 1 ? [{ key, indices }] : []));
}
