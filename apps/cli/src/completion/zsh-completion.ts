import type { CommandNode, Completable } from "./describe-commands.js";
import { commandSteps, quoted } from "./shell-words.js";

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
  [[ $prev == --* ]] && prev="\${prev//_/-}"
  for ((i = 2; i < CURRENT; i++)); do
    case "$node \${words[i]}" in
      ${commandSteps(nodes).map(quoted).join(" | ")}) node="\${node:+$node }\${words[i]}" ;;
    esac
  done
  case "$node $prev" in
${nodes.flatMap(valueCases).join("\n")}
  esac
  case "$node" in
${nodes.map(nodeCase).join("\n")}
  esac
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
