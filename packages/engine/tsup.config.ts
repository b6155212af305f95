import type { Options } from "tsup";
import shared from "../../tsup.shared.js";

export default { ...(shared as Options), entry: ["src/index.ts", "src/small-world.ts"] };
