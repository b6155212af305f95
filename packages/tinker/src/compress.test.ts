import { decompress } from "fzstd";
import { expect, test } from "vitest";
import { compress } from "./compress.js";

test.each([0, 1, 3_000_001, 12_000_000])("another implementation reads %i compressed bytes", async (size) => {
  const bytes = Uint8Array.from({ length: size }, (_, i) => (i * i) >> 7);
  const compressed = await compress(bytes);
  expect(Buffer.compare(decompress(compressed), bytes)).toBe(0);
});
