import type { CommandNode, Completable } from "./describe-commands.js";
import { casesByCommand, quoted } from "./shell-words.js";

/** A script for zsh, to be evaluated after `compinit` or kept as a file `_pka` in `fpath`. */
export function zshCompletion(nodes: readonly CommandNode[]): string {
  return `#compdef pka
# eval "$(pka completion zsh)"
_pka() {
  local node="" prev="\${words[CURRENT-1]}" i
  local -a found
  if [[ $PREFIX == --*=* ]]; then
    prev="\${PREFIX%%=*}"
    compset -P '*='
  fi
${casesByCommand(nodes, { array: "words", first: 2, current: "CURRENT" }, { ofValues: valueCases, ofNode: nodeCase })}
}
if [[ $funcstack[1] == _pka ]]; then _pka "$@"; else compdef _pka pka; fi
`;
}

function valueCases({ path, options }: CommandNode): string[] {
  return options.flatMap(({ long, value }) =>
    value === undefined ? [] : `    ${quoted(`${path} ${long}`)}) ${offer(value)}; return ;;`,
  );
}

function nodeCase({ path, subcommands, options, argument }: CommandNode): string {
  const described = (name: string, description: string) => quoted(`${name}:${description.replaceAll(":", "\\:")}`);
  const flags = options.map(({ long, description }) => described(long, description)).join(" ");
  const names = subcommands.map(({ name, description }) => described(name, description)).join(" ");
  const commands = names === "" ? "" : `found=(${names}); _describe command found; `;
  return `    ${quoted(path)})
      if [[ $PREFIX == -* ]]; then found=(${flags}); _describe -o option found
      else ${commands}${offer(argument)}; fi ;;`;
}

function offer(value: Completable): string {
  if (value === "files") return "_files";
  return value === "nothing" ? "true" : `compadd -- ${value.map(quoted).join(" ")}`;
}
