export type { UndecidedReason } from "./undecided.js";
export type { MathVerification } from "./verdict.js";
export { verifyMath } from "./verify-math.js";
