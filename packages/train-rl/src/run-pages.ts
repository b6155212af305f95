import { checkpointName, type RunFolder } from "@pka/training";
import type { TrajectoryGroup } from "./rollout.js";
import { rolloutJson, rolloutPage } from "./rollout-page.js";

/** Pages about the first rollouts of a step, HTML and JSON, in the run folder. */
export class RunPages {
  readonly #run: RunFolder;
  readonly #numGroups: number;

  constructor(run: RunFolder, numGroups: number) {
    this.#run = run;
    this.#numGroups = numGroups;
  }

  /** @param kind - Start of the file's name: `train_iteration`. */
  write(kind: string, step: number, groups: readonly TrajectoryGroup[]): void {
    if (this.#numGroups === 0) return;
    const name = `${kind}_${checkpointName(step)}`;
    const shown = groups.slice(0, this.#numGroups);
    this.#run.writeFile(`${name}.html`, rolloutPage(name, shown));
    this.#run.writeFile(`${name}.json`, rolloutJson(name, shown));
  }
}
