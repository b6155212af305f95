import { loadDataset } from "@pka/datasets";
import { SHARED } from "@pka/fault-kit/shared-data";
import { lastBoxedOnlyString } from "../../math/last-boxed-only-string.js";
import { removeBoxed } from "../../math/remove-boxed.js";

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
