import type { Option } from "@commander-js/extra-typings";

/** What is known of an option: its long flag, and whether a value follows it. */
type KnownOption = Pick<Option, "long" | "required">;

/**
 * The trainers' parameters in commander's spelling. `batch_size=4`, `config.batch_size=4` and `--config.batch-size=4` are
 * `--batch-size=4`. The value that a flag waits for stays as it is, whatever it looks like.
 */
export function spellParameters(argv: readonly string[], options: readonly KnownOption[]): string[] {
  const takesValue = new Set(options.filter(({ required }) => required).map(({ long }) => long));
  return argv.map((argument, i) => {
    const previous = argv[i - 1];
    if (previous !== undefined && takesValue.has(flagOf(previous)) && !previous.includes("=")) return argument;
    const match = /^(?:--config\.|config\.|(?=[a-z]))([a-z][\w-]*)=(.*)$/is.exec(argument);
    if (!match) return argument.replace(/^--config\./, "--");
    return `--${match[1]!.replaceAll("_", "-")}=${match[2]}`;
  });
}

function flagOf(argument: string): string {
  return argument.replace(/^--config\./, "--").replaceAll("_", "-");
}
