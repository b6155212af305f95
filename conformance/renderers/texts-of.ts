import { array, constantFrom, oneof, sample, string } from "fast-check";

/** Texts of these pieces in any order, and of any characters; without lone surrogates, which UTF-8 cannot hold. */
export function textsOf(
  pieces: readonly string[],
  most: { readonly pieces: number; readonly texts: number },
): string[] {
  return sample(
    oneof(
      { weight: 3, arbitrary: array(constantFrom(...pieces), { maxLength: most.pieces }).map((some) => some.join("")) },
      { weight: 1, arbitrary: string({ unit: "binary", maxLength: 40 }) },
      { weight: 1, arbitrary: string({ unit: "grapheme", maxLength: 40 }) },
    ).filter((text) => !/\p{Surrogate}/u.test(text)),
    { numRuns: most.texts, seed: 1 },
  );
}
