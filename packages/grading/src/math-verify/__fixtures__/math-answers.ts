import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadDataset } from "@pka/datasets";
import { lastBoxedOnlyString } from "../../math/last-boxed-only-string.js";
import { removeBoxed } from "../../math/remove-boxed.js";

/** Reference data that is no part of the project; tests that need it are skipped, saying so, where it is absent. */
const SHARED = process.env["PKA_SHARED"] ?? fileURLToPath(new URL("../../../../../../shared", import.meta.url));
export const HAS_SHARED = existsSync(SHARED);
export const SKIPPED = HAS_SHARED ? "" : " (skipped: PKA_SHARED not found)";

/** The gold answers of MATH's test set, in its order. */
export async function mathAnswers(): Promise<string[]> {
  const { examples } = await loadDataset("math", { dataDir: `${SHARED}/data`, hub: { offline: true } });
  return examples.map((example) => {
    const box = example.task === "math" ? lastBoxedOnlyString(example.solution) : null;
    const answer = box === null ? null : removeBoxed(box);
    if (answer === null) throw new Error(`${example.id} has no box`);
    return answer;
  });
}
