import type { CommandNode, Completable } from "./describe-commands.js";
import { commandSteps } from "./shell-words.js";

/** A script for fish from 3.0 on. */
export function fishCompletion(nodes: readonly CommandNode[]): string {
  return `# pka completion fish | source
function __pka_node
  set -l node ''
  for word in (commandline -opc)[2..-1]
    switch "$node $word"
      case ${commandSteps(nodes).map(quoted).join(" ")}
        set node (string trim -- "$node $word")
    end
  end
  test "$node" = "$argv[1]"
end
complete -c pka -f
${nodes.flatMap(linesOf).join("\n")}
`;
}

function linesOf({ path, subcommands, options, argument }: CommandNode): string[] {
  const complete = `complete -c pka -n ${quoted(`__pka_node ${quoted(path)}`)}`;
  const described = (description: string) => ` -d ${quoted(description)}`;
  return [
    ...subcommands.map(({ name, description }) => `${complete} -a ${quoted(name)}${described(description)}`),
    ...options.map(
      ({ long, description, value }) =>
        `${complete} -l ${quoted(long.slice(2))}${value === undefined ? "" : ` ${valueOf(value)}`}${described(description)}`,
    ),
    ...(argument === "nothing" ? [] : [`${complete} ${argument === "files" ? "-F" : wordsOf(argument)}`]),
  ];
}

/** The value of an option: required, and files only where files are meant. */
function valueOf(value: Completable): string {
  if (value === "files") return "-r -F";
  return value === "nothing" ? "-x" : `-x ${wordsOf(value)}`;
}

function wordsOf(words: readonly string[]): string {
  return `-a ${quoted(words.join(" "))}`;
}

/** In single quotes, as fish reads it. */
function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
