import { Argument, Command } from "@commander-js/extra-typings";

export function completionCommand() {
  return new Command("completion")
    .description("Print a script that teaches a shell to complete pka's commands, options and their values.")
    .addArgument(new Argument("<shell>", "the shell").choices(["bash", "zsh", "fish"] as const))
    .addHelpText("after", EXAMPLES)
    .action(async (shell, _options, command) => {
      const { printCompletion } = await import("../print-completion.js");
      printCompletion(shell, command.parent!);
    });
}

const EXAMPLES = `
Examples:
  eval "$(pka completion bash)"     in ~/.bashrc
  eval "$(pka completion zsh)"      in ~/.zshrc, after compinit
  pka completion fish | source      in ~/.config/fish/config.fish`;
