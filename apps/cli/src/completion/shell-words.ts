import type { CommandNode } from "./describe-commands.js";

/** A text in single quotes, as POSIX shells and zsh read it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Every step from a command to one below it, as `train sft`; a step from the program itself begins with a blank. */
export function commandSteps(nodes: readonly CommandNode[]): string[] {
  return nodes.flatMap(({ path, subcommands }) => subcommands.map(({ name }) => `${path} ${name}`));
}

/**
 * Lines for bash and zsh: find in `node` the command that the words before the cursor name, then do what is to be done
 * behind an option that waits for its value, else in that command.
 *
 * @param words - The shell's array of words, the position of the first behind `pka`, and that of the one under the cursor.
 */
export function casesByCommand(
  nodes: readonly CommandNode[],
  words: { readonly array: string; readonly first: number; readonly current: string },
  cases: {
    readonly ofValues: (node: CommandNode) => readonly string[];
    readonly ofNode: (node: CommandNode) => string;
  },
): string {
  const word = `\${${words.array}[i]}`;
  return `  [[ $prev == --* ]] && prev="\${prev//_/-}"
  for ((i = ${words.first}; i < ${words.current}; i++)); do
    case "$node ${word}" in
      ${commandSteps(nodes).map(quoted).join(" | ")}) node="\${node:+$node }${word}" ;;
    esac
  done
  case "$node $prev" in
${nodes.flatMap(cases.ofValues).join("\n")}
  esac
  case "$node" in
${nodes.map(cases.ofNode).join("\n")}
  esac`;
}
