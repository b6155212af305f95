/** A command of a guide, on one line. */
export interface GuideCommand {
  readonly text: string;
  /** 1-based line in the guide. */
  readonly line: number;
  /** What the block says it needs: a key, a GPU, … */
  readonly needs: string | undefined;
  /** Lines that a `text` block right below shows of its output. */
  readonly shown: readonly string[];
}

const FENCE = /^```(\w*)$/;

/** The commands in the `bash` blocks of a guide, in their order. A block that begins with `# needs …` is not for every machine. */
export function guideCommands(markdown: string): GuideCommand[] {
  const commands: GuideCommand[] = [];
  let language: string | undefined;
  let needs: string | undefined;
  let shown: string[] = [];
  for (const [index, line] of markdown.split("\n").entries()) {
    const fence = FENCE.exec(line);
    if (fence) {
      language = language === undefined ? fence[1] : undefined;
      if (language === "bash") needs = undefined;
      continue;
    }
    if (language === undefined && line.trim() !== "") shown = [];
    if (language === "text" && line !== "…") shown.push(line);
    if (language !== "bash" || line === "") continue;
    if (line.startsWith("# needs ")) needs = line.slice("# needs ".length);
    if (line.startsWith("#")) continue;
    shown = [];
    commands.push({ text: line, line: index + 1, needs, shown });
  }
  return commands;
}

/** A command line as words; quotes group, nothing is expanded. */
export function wordsOf(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => (double ?? single ?? bare)!,
  );
}
