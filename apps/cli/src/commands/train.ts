import { Command } from "@commander-js/extra-typings";
import { spellParameters } from "../train/spell-parameters.js";
import { rlCommand, sftCommand } from "../train/train-commands.js";

export function trainCommand(finish: (exitCode: number) => void) {
  const sft = sftCommand().action(async (options) => {
    const { runTrainSft } = await import("../train/run-train-sft.js");
    finish(await runTrainSft(options));
  });
  const rl = rlCommand().action(async (options) => {
    const { runTrainRl } = await import("../train/run-train-rl.js");
    finish(await runTrainRl(options));
  });
  return new Command("train")
    .description("Train a model: supervised fine-tuning or reinforcement learning.")
    .addCommand(sft)
    .addCommand(rl);
}

/** A command line whose parameters of `train sft` and `train rl` are in commander's spelling. */
export function spellTrainArguments(argv: readonly string[]): string[] {
  const [train, name, ...parameters] = argv;
  if (train !== "train" || (name !== "sft" && name !== "rl")) return [...argv];
  const { options } = name === "sft" ? sftCommand() : rlCommand();
  return [train, name, ...spellParameters(parameters, options)];
}
