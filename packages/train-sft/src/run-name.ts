import { pythonFloat } from "@pka/core";

/** The run's name as the paper's script makes it: `trivia-sft-openai-gpt-oss-20b-32rank-1e-05lr-32batch-seed6`. */
export function sftRunName(run: {
  readonly modelName: string;
  readonly loraRank: number;
  readonly learningRate: number;
  readonly batchSize: number;
  readonly seed: number;
}): string {
  const { modelName, loraRank, learningRate, batchSize, seed } = run;
  const model = modelName.replaceAll("/", "-");
  return `trivia-sft-${model}-${loraRank}rank-${pythonFloat(learningRate)}lr-${batchSize}batch-seed${seed}`;
}
