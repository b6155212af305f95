import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { DATASETS } from "@pka/datasets";
import { MODELS } from "@pka/models";
import { bashCompletion } from "./completion/bash-completion.js";
import { describeCommands } from "./completion/describe-commands.js";
import { fishCompletion } from "./completion/fish-completion.js";
import { zshCompletion } from "./completion/zsh-completion.js";

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/** `pka completion`: the script of a shell on stdout. */
export function printCompletion(shell: keyof typeof SCRIPTS, program: CommandUnknownOpts): void {
  const datasets = Object.keys(DATASETS);
  const models = MODELS.map(({ name }) => name).filter((name) => !name.includes("<"));
  const known = {
    "eval --model": models,
    "eval --dataset": [...datasets, "all"],
    "--dataset": datasets,
    "--eval-datasets": datasets,
    "datasets fetch name": datasets,
  };
  process.stdout.write(SCRIPTS[shell](describeCommands(program, known)));
}
