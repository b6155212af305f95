// Prepares the counterparts ahead of the suites: `npm run conformance:prepare`. CI does it while the tests run.
import { prepareCounterparts } from "./counterparts.js";

await prepareCounterparts((line) => console.log(`conformance: ${line}`));
