import { expect, test } from "vitest";
import { selectShards } from "./select-shards.js";

test.each([
  { name: "one shard", names: ["test-00000-of-00001.parquet", "train-00000-of-00001.parquet"], expected: [0] },
  {
    name: "shards out of order",
    names: ["test-00001-of-00002.parquet", "test-00000-of-00002.parquet"],
    expected: [1, 0],
  },
  { name: "a hash in the name", names: ["test-00000-of-00001-efcddf7a7a7532ae.parquet"], expected: [0] },
  { name: "a missing shard", names: ["test-00000-of-00002.parquet"], expected: undefined },
  {
    name: "a shard twice",
    names: ["test-00000-of-00001.parquet", "test-00000-of-00001-ab.parquet"],
    expected: undefined,
  },
  { name: "another split whose name begins the same", names: ["test2-00000-of-00001.parquet"], expected: undefined },
  {
    name: "a path that climbs",
    names: ["../test-00000-of-00001.parquet", "a/test-00000-of-00001.parquet"],
    expected: undefined,
  },
  { name: "nothing", names: [], expected: undefined },
])("selectShards: $name", ({ names, expected }) => {
  expect(selectShards(names, "test")).toEqual(expected?.map((index) => names[index]));
});
