/** One completion as the paper's script counts it. */
export interface PaperSample {
  /** Of {@link paperThinking}, in tokens or characters. */
  readonly length: number;
  readonly isRecalled: boolean;
}

/** What the paper's script reports of a file. An average over nothing is 0. */
export interface PaperAverages {
  readonly totalSamples: number;
  readonly avgThinkingTokens: number;
  readonly numRecalled: number;
  readonly numNotRecalled: number;
  readonly avgThinkingTokensRecalled: number;
  readonly avgThinkingTokensNotRecalled: number;
}

/** The averages of `extract_thinking_tokens.py` of arXiv:2602.22193. */
export function paperAverages(samples: readonly PaperSample[]): PaperAverages {
  const lengths = (isRecalled: boolean) =>
    samples.filter((sample) => sample.isRecalled === isRecalled).map(({ length }) => length);
  const [recalled, notRecalled] = [lengths(true), lengths(false)];
  return {
    totalSamples: samples.length,
    avgThinkingTokens: mean(samples.map(({ length }) => length)),
    numRecalled: recalled.length,
    numNotRecalled: notRecalled.length,
    avgThinkingTokensRecalled: mean(recalled),
    avgThinkingTokensNotRecalled: mean(notRecalled),
  };
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
