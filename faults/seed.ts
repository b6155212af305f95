/** What every draw of the sweep follows from: `PKA_SEED`, else 1. Figures name it, so that a failure can be had again. */
export const SEED = Number(process.env["PKA_SEED"] ?? 1);
if (!Number.isSafeInteger(SEED)) throw new Error(`PKA_SEED must be a whole number, not "${process.env["PKA_SEED"]}"`);
