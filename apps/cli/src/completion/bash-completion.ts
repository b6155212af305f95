import type { CommandNode, Completable } from "./describe-commands.js";
import { casesByCommand, quoted } from "./shell-words.js";

/** A script for bash from 3.2 on. Where it offers nothing, bash offers files. */
export function bashCompletion(nodes: readonly CommandNode[]): string {
  return `# eval "$(pka completion bash)"
_pka() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD - 1]}" node="" words="" i
  # Bash makes a word of the = in --cues=yes.
  if [[ $cur == "=" ]]; then cur=""; elif [[ $prev == "=" ]]; then prev="\${COMP_WORDS[COMP_CWORD - 2]}"; fi
  COMPREPLY=()
${casesByCommand(nodes, { array: "COMP_WORDS", first: 1, current: "COMP_CWORD" }, { ofValues: valueCases, ofNode: nodeCase })}
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _pka pka
`;
}

/** After an option that waits for its value, nothing else is offered. */
function valueCases({ path, options }: CommandNode): string[] {
  return options.flatMap(({ long, value }) => {
    if (value === undefined) return [];
    return `    ${quoted(`${path} ${long}`)}) COMPREPLY=($(compgen -W ${quoted(wordsOf(value))} -- "$cur")); return ;;`;
  });
}

function nodeCase({ path, subcommands, options, argument }: CommandNode): string {
  const flags = options.map(({ long }) => long).join(" ");
  const words = [...subcommands.map(({ name }) => name), wordsOf(argument)].join(" ").trim();
  return `    ${quoted(path)}) if [[ $cur == -* ]]; then words=${quoted(flags)}; else words=${quoted(words)}; fi ;;`;
}

function wordsOf(value: Completable): string {
  return typeof value === "string" ? "" : value.join(" ");
}
