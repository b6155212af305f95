/** The tokens of `o200k_harmony` that mark the structure of gpt-oss's chat format. */
export const HARMONY = {
  startOfText: 199_998,
  endOfText: 199_999,
  return: 200_002,
  constrain: 200_003,
  channel: 200_005,
  start: 200_006,
  end: 200_007,
  message: 200_008,
  call: 200_012,
  endOfPrompt: 200_018,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(HARMONY).map(([name, id]) => [id, `<|${name.toLowerCase()}|>`]),
);

/** Spelling of the 21 special tokens, in the order of their ids from 199998. Those without a use are named `<|reserved_id|>`. */
export const HARMONY_SPECIAL_TOKENS: readonly string[] = Array.from({ length: 21 }, (_, index) => {
  const id = HARMONY.startOfText + index;
  return NAMES.get(id) ?? `<|reserved_${id}|>`;
});
