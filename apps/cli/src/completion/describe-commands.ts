import type { CommandUnknownOpts } from "@commander-js/extra-typings";

/** A command and what may follow it, as a shell's completion needs it. */
export interface CommandNode {
  /** Names below the program, as `train sft`; `""` is the program itself. */
  readonly path: string;
  readonly subcommands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly OptionNode[];
  readonly argument: Completable;
}

interface OptionNode {
  /** With its dashes. */
  readonly long: string;
  readonly description: string;
  /** What its value may be; `undefined` where no value has to follow. */
  readonly value: Completable | undefined;
}

/** Words to offer, files, or nothing that could be known. */
export type Completable = readonly string[] | "files" | "nothing";

/** Words known elsewhere, by option or argument: `--model`, or `eval --dataset` for one command alone. */
export type KnownWords = Readonly<Record<string, readonly string[]>>;

/** Every command of a program, flattened, the program itself first. */
export function describeCommands(program: CommandUnknownOpts, known: KnownWords): CommandNode[] {
  return describe(program, "", known);
}

function describe(command: CommandUnknownOpts, path: string, known: KnownWords): CommandNode[] {
  const wordsOf = (name: string) => known[`${path} ${name}`] ?? known[name];
  const children = command.commands.map((child) => ({ child, name: child.name() }));
  // `--help` and, on the program, `--version` belong to every command line.
  const options = [...command.options, command.createOption("--help", "show the help")].map((option): OptionNode => {
    const { required, argChoices, flags, description, long } = option;
    const words = argChoices ?? alternatives(flags) ?? wordsOf(long ?? "");
    return { long: long ?? flags, description, value: required ? (words ?? kindOf(flags)) : undefined };
  });
  const [argument] = command.registeredArguments;
  return [
    {
      path,
      subcommands: children.map(({ child, name }) => ({ name, description: child.description() })),
      options,
      argument:
        argument === undefined
          ? "nothing"
          : (argument.argChoices ?? wordsOf(argument.name()) ?? kindOf(argument.name())),
    },
    ...children.flatMap(({ child, name }) => describe(child, path === "" ? name : `${path} ${name}`, known)),
  ];
}

/** `<yes|no>` says its words itself. */
function alternatives(flags: string): string[] | undefined {
  return /<([^<>|]*\|[^<>]*)>/.exec(flags)?.[1]?.split("|");
}

/** Is a file meant by `--output <file>`, `<folder>`, `<first>` and `<others...>` of `pka compare`? */
function kindOf(name: string): "files" | "nothing" {
  return /\b(files?|folder|first|others)\b/.test(name) ? "files" : "nothing";
}
