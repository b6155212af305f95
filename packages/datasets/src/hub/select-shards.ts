const SHARD = /^(?<split>[A-Za-z0-9_]+)-(?<index>\d{5})-of-(?<count>\d{5})(?:-[0-9a-f]+)?\.parquet$/;

/**
 * The parquet files of one split among the files of a folder, in order: `test-00000-of-00002.parquet`, or with a hash
 * before the ending, as older repositories have it.
 *
 * @returns `undefined` unless every shard is there exactly once.
 */
export function selectShards(names: readonly string[], split: string): string[] | undefined {
  const shards = names
    .map((name) => ({ name, groups: SHARD.exec(name)?.groups }))
    .filter(({ groups }) => groups?.["split"] === split)
    .map(({ name, groups }) => ({ name, index: Number(groups!["index"]), count: Number(groups!["count"]) }))
    .toSorted((a, b) => a.index - b.index);
  const isComplete = shards.length > 0 && shards.every(({ index, count }, i) => index === i && count === shards.length);
  return isComplete ? shards.map(({ name }) => name) : undefined;
}
