export { drawSeed } from "./draw-seed.js";
export { isRunning } from "./is-running.js";
