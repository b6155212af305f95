export { drawSeed } from "./draw-seed.js";
export { exists } from "./exists.js";
export { isRunning } from "./is-running.js";
export { writeWhole } from "./write-whole.js";
