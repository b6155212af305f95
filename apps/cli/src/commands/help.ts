import { Argument, Command } from "@commander-js/extra-typings";
import { HELP_TOPICS } from "../help-topics.js";

/** In place of commander's own, which knows commands only. */
export function helpCommand() {
  const topics = Object.keys(HELP_TOPICS);
  return new Command("help")
    .description(`Explain a command, or a topic: ${topics.join(", ")}.`)
    .addArgument(new Argument("[words...]", "a command such as train sft, or a topic"))
    .addHelpText("after", "\nExamples:\n  pka help resume\n  pka help train sft")
    .action(async (words, _options, command) => {
      const { printHelp } = await import("../print-help.js");
      printHelp(words, command.parent!);
    });
}
