import type { CommandNode } from "./describe-commands.js";

/** A text in single quotes, as POSIX shells and zsh read it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Every step from a command to one below it, as `train sft`; a step from the program itself begins with a blank. */
export function commandSteps(nodes: readonly CommandNode[]): string[] {
  return nodes.flatMap(({ path, subcommands }) => subcommands.map(({ name }) => `${path} ${name}`));
}
