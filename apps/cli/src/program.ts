import { Command, CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { PkaError } from "@pka/core";
import { compareCommand } from "./commands/compare.js";
import { completionCommand } from "./commands/completion.js";
import { datasetsCommand } from "./commands/datasets.js";
import { demoCommand } from "./commands/demo.js";
import { doctorCommand } from "./commands/doctor.js";
import { evalCommand } from "./commands/eval.js";
import { gradeCommand } from "./commands/grade.js";
import { helpCommand } from "./commands/help.js";
import { modelsCommand } from "./commands/models.js";
import { refineCommand } from "./commands/refine.js";
import { repairCommand } from "./commands/repair.js";
import { reportCommand } from "./commands/report.js";
import { thinkingCommand } from "./commands/thinking.js";
import { serveCommand } from "./commands/serve.js";
import { tinkerCommand } from "./commands/tinker.js";
import { spellTrainArguments, trainCommand } from "./commands/train.js";
import { EXIT } from "./exit-codes.js";
import { normalizeSpelling } from "./parse-options.js";
import { Stderr } from "./stderr.js";
import { VERSION } from "./version.js";

/** Every command. `finish` is told the exit code of the one that ran. */
export function createProgram(finish: (exitCode: number) => void): Command {
  const program = new Command("pka")
    .description("Study what language models know: evaluate them closed-book, with and without thinking.")
    .version(VERSION)
    .showHelpAfterError("(see pka --help)")
    .showSuggestionAfterError()
    .helpCommand(false)
    .addHelpText("after", EXAMPLES);
  for (const command of [
    demoCommand(finish),
    evalCommand(finish),
    refineCommand(finish),
    compareCommand(),
    gradeCommand(),
    thinkingCommand(finish),
    reportCommand(finish),
    repairCommand(finish),
    trainCommand(finish),
    serveCommand(finish),
    tinkerCommand(finish),
    datasetsCommand(finish),
    modelsCommand(),
    doctorCommand(finish),
    completionCommand(),
    helpCommand(),
  ]) {
    program.addCommand(command);
  }
  overrideExit(program);
  return program;
}

/** Run one command line. Resolves to the exit code; never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.done;
  const program = createProgram((code) => {
    exitCode = code;
  });

  try {
    if (argv.length === 0) program.help({ error: true });
    await program.parseAsync(normalizeSpelling(spellTrainArguments(argv)), { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    return report(error);
  }
}

/** One line for what PKA foresaw; the stack too for what it did not. */
function report(error: unknown): number {
  const stderr = new Stderr();
  if (PkaError.isInstance(error)) {
    stderr.error(error.message);
    return error.code === "usage" ? EXIT.usage : EXIT.failed;
  }
  stderr.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return EXIT.failed;
}

function overrideExit(command: CommandUnknownOpts): void {
  command.exitOverride();
  for (const child of command.commands) overrideExit(child);
}

const EXAMPLES = `
Examples:
  pka demo                                          the paper in miniature, no key, no network
  pka eval --model tiny --dataset smallworld        one evaluation of the embedded model
  pka eval --model gpt-5.2 --dataset nq --limit 100 needs OPENAI_API_KEY
  pka refine --all                                  what is recalled once a judge made one answer of each reply
  pka compare a.json b.json                         McNemar's test and a bootstrap interval
  pka grade a.json                                  every grader on answers that are already there
  pka thinking results                              how long models think, and how that relates to being right
  pka report results                                all of it as one HTML page
  pka repair results/a.jsonl                        every good record of a damaged journal
  pka train rl --engine --num-epochs 10             train the embedded model
  pka models                                        what can be evaluated, and what each needs
  pka datasets                                      what it can be evaluated on
  pka doctor                                        what is set up on this machine

Exit codes: 0 done, 1 failed, 2 usage, 3 stopped by a threshold, 130 interrupted (the same command resumes).`;
