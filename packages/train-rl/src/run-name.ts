import { pythonFloat } from "@pka/core";

/** The run's name as the paper's script makes it; the time is this machine's, to the minute. */
export function rlRunName(
  run: {
    readonly env: string;
    readonly modelName: string;
    readonly loraRank: number;
    readonly learningRate: number;
    readonly groupSize: number;
    readonly groupsPerBatch: number;
    readonly lossFn: string;
    readonly seed: number;
  },
  now: Date,
): string {
  const two = (part: number): string => String(part).padStart(2, "0");
  const date = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const time = `${two(now.getHours())}-${two(now.getMinutes())}`;
  const model = run.modelName.replaceAll("/", "-");
  const sizes = `${run.groupSize}group-${run.groupsPerBatch}batch`;
  const rates = `${run.loraRank}rank-${pythonFloat(run.learningRate)}lr`;
  return `${run.env}-${model}-${rates}-${sizes}-${run.lossFn}-seed${run.seed}-${date}-${time}`;
}
