import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { nearestName, quote, UsageError } from "@pka/core";
import { HELP_TOPICS } from "./help-topics.js";

/** `pka help`: the help of a command, or the text of a topic. @throws UsageError for what is neither. */
export function printHelp(words: readonly string[], program: CommandUnknownOpts): void {
  const [name = ""] = words;
  if (words.length === 1 && Object.hasOwn(HELP_TOPICS, name)) {
    console.log(HELP_TOPICS[name]!.trim());
    return;
  }
  let command = program;
  for (const word of words) {
    const child = command.commands.find((one) => one.name() === word);
    if (child === undefined) throw unknown(word, command, command === program);
    command = child;
  }
  command.outputHelp();
}

function unknown(word: string, command: CommandUnknownOpts, withTopics: boolean): UsageError {
  const topics = withTopics ? Object.keys(HELP_TOPICS) : [];
  const names = [...command.commands.map((one) => one.name()), ...topics];
  const nearest = nearestName(word, names);
  const hint = nearest === undefined ? "" : ` Did you mean "${nearest}"?`;
  const there = withTopics ? `Topics: ${topics.join(", ")}. Commands: pka --help` : `There is: ${names.join(", ")}`;
  return new UsageError(`there is no help about "${quote(word)}".${hint}${names.length === 0 ? "" : ` ${there}`}`);
}
