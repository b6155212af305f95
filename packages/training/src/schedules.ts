/** The learning rate of step g of n, falling in a straight line to 0 at step n. */
export function linearDecay(learningRate: number, step: number, totalSteps: number): number {
  return learningRate * Math.max(0, 1 - step / totalSteps);
}
