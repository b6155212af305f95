import { Command, Option } from "@commander-js/extra-typings";
import { httpUrl } from "../parse-options.js";
import { bool, count, names, nonNegative, orNone, positive } from "./parameter-values.js";

const string = (text: string): string => text;

/** What both trainers take. */
function trainer(name: "sft" | "rl") {
  return new Command(name)
    .option("--model-name <id>", "base model on Tinker; tiny or tiny-base on pka serve", "openai/gpt-oss-20b")
    .option("--lora-rank <n>", "rank of the adapters; default 32, and all weights with --engine", orNone(positive))
    .option(
      "--lora-seed <n>",
      "seed of the adapters' first values; None leaves the draw to the service",
      orNone(count),
      0,
    )
    .option("--renderer-name <name>", "chat format of gpt-oss, such as gpt_oss_low_reasoning", orNone(string))
    .option("--date <YYYY-MM-DD>", "date that prompts name; default today's, at each prompt", orNone(string))
    .option("--log-path <folder>", "folder of the run; the same command resumes the run in it", orNone(string))
    .addOption(
      new Option("--behavior-if-log-dir-exists <what>", "what to do about a folder that exists")
        .choices(["ask", "delete", "resume", "raise"] as const)
        .default("ask" as const),
    )
    .option(
      "--base-url <url>",
      "address of a Tinker service, such as that of pka serve; key: TINKER_API_KEY",
      orNone(httpUrl),
    )
    .option("--engine [checkpoint]", "train the embedded model instead: tiny, tiny-base or a file; no key, no network")
    .option("--dataset <name>", "questions to train on; default triviaqa, and smallworld with --engine")
    .option("--data-dir <folder>", "local dataset files")
    .option("--split <name>", "split to train on; default train")
    .option("--limit <n>", "only the first n questions of it", positive)
    .option("--exclude-overlap [bool]", "leave out questions that the evaluation asks too", bool)
    .option(
      "--sampling-seed <n>",
      "seed of the sampled answers; None leaves the draws to the service",
      orNone(count),
      0,
    )
    .option("--wandb-name <name>", "name of the run in Weights & Biases", orNone(string))
    .option("--tensorboard [bool]", "write TensorBoard event files into the run's folder", bool)
    .option("--usd-per-million-tokens <price>", "for the cost that --dry-run estimates", nonNegative)
    .option("--dry-run", "print what would be done, ask no server")
    .option("--json", "print one JSON document instead of text");
}

/** `pka train sft`, without what it does. */
export function sftCommand() {
  return trainer("sft")
    .description("Fine-tune on questions with their answers, or on the completions of a result file that were right.")
    .option("--trajectory-path <file>", "result file whose recalled completions are trained on", orNone(string))
    .option("--drop-malformed [bool]", "leave out completions without proper channels", bool)
    .addOption(
      new Option("--target <which>", "answer to train on: the first accepted one, or as the dataset itself writes it")
        .choices(["alias", "value"] as const)
        .default("alias" as const),
    )
    .option("--exclude-rl-val [bool]", "leave out the questions that RL holds out", bool)
    .option(
      "--val-path <file>",
      "JSON list of {question, ground_truth: […]} to watch the training with",
      orNone(string),
    )
    .addOption(
      new Option(
        "--val-template <which>",
        "what the validation NLL is of: answers written out, or the recalled completions of --val-path, a result file",
      )
        .choices(["direct", "trajectory"] as const)
        .default("direct" as const),
    )
    .option("--batch-size <n>", "rows of a step", positive, 32)
    .option(
      "--learning-rate <number>",
      "of the first step, falls to 0; default 1e-5, and 2e-3 with --engine",
      nonNegative,
    )
    .option("--warmup-fraction <number>", "taken for compatibility, not used", nonNegative, 0.05)
    .option("--max-length <n>", "tokens of a row that are kept", positive, 32_768)
    .addOption(
      new Option("--train-on-what <which>", "tokens to train on")
        .choices([
          "last_assistant_message",
          "all_assistant_messages",
          "all_messages",
          "all_tokens",
          "all_user_and_system_messages",
        ] as const)
        .default("last_assistant_message" as const),
    )
    .addOption(
      new Option("--reduction <how>", "loss weights of a row: as they are, or divided by their sum")
        .choices(["none", "mean"] as const)
        .default("none" as const),
    )
    .option("--num-epochs <n>", "times through the data", positive, 8)
    .option("--seed <n>", "of the order of the rows", count, 6)
    .option("--max-steps <n>", "steps of each epoch at most", orNone(positive))
    .option("--max-total-steps <n>", "steps of the run at most", orNone(positive))
    .option("--save-every <n>", "steps between checkpoints, 0 = none but the last", count, 100)
    .option("--nll-threshold <number>", "train only on rows below this mean NLL", orNone(nonNegative))
    .option("--eval-every <n>", "steps between validation NLLs, 0 = none", count, 100)
    .option("--gen-eval-every <n>", "steps between evaluations of sampled answers, 0 = none", count, 500)
    .option("--wandb-project <name>", "write an offline run for this project of Weights & Biases", orNone(string))
    .addHelpText("after", SFT_EXAMPLES);
}

/** `pka train rl`, without what it does. */
export function rlCommand() {
  return trainer("rl")
    .description("Reinforce answers that are right: sample groups of completions, compare their rewards, update.")
    .option("--env <name>", "part of the run's name", "trivia")
    .option("--load-checkpoint-path <path>", "start from this training state, weights only", orNone(string))
    .option(
      "--kl-reference-path <path>",
      "hold the policy to this checkpoint instead of the base model",
      orNone(string),
    )
    .option("--group-size <n>", "completions of a question", positive, 8)
    .option("--groups-per-batch <n>", "questions of a step", positive, 32)
    .option("--learning-rate <number>", "constant; default 2e-5, and 1e-3 with --engine", nonNegative)
    .option("--max-tokens <n>", "token limit of a completion; default 1028, and 48 with --engine", positive)
    .option("--temperature <number>", "of the rollouts", nonNegative, 1)
    .addOption(
      new Option("--loss-fn <name>", "policy loss")
        .choices(["importance_sampling", "ppo", "cispo"] as const)
        .default("importance_sampling" as const),
    )
    .option("--clip-low-threshold <ratio>", "of ppo and cispo; the service's default is 0.8", orNone(nonNegative))
    .option("--clip-high-threshold <ratio>", "of ppo and cispo; the service's default is 1.2", orNone(nonNegative))
    .option("--kl-penalty-coef <number>", "pull towards the reference model", nonNegative, 0.01)
    .option("--kl-discount-factor <number>", "share of a token's penalty that reaches the token before", nonNegative, 0)
    .option("--num-substeps <n>", "optimizer steps of a batch", positive, 1)
    .option("--compute-post-kl [bool]", "measure how far each update moved the policy", bool)
    .option("--remove-constant-reward-groups [bool]", "leave out groups whose rewards are all the same", bool)
    .option("--max-steps-off-policy <n>", "sample and train at once, on rollouts up to n steps old", orNone(count))
    .option("--strict-format [bool]", "reward only completions with exactly one closed answer", bool)
    .addOption(
      new Option("--split-by <what>", "what the held-out fifth is a share of")
        .choices(["row", "question"] as const)
        .default("row" as const),
    )
    .option("--validation-split <name>", "hold out this split instead of a fifth of the training split", orNone(string))
    .option("--num-epochs <n>", "times through the questions", positive, 1)
    .option("--max-steps <n>", "steps of the run at most", orNone(positive))
    .option("--seed <n>", "of the order of the questions", count, 0)
    .option("--eval-every <n>", "steps between evaluations, 0 = none", count, 20)
    .option("--eval-limit <n>", "held-out questions asked at most", orNone(positive))
    .option("--final-eval [bool]", "evaluate after the last step too", bool)
    .option("--eval-datasets <names>", "datasets to evaluate too, with result files; separated by commas", names)
    .option("--save-every <n>", "steps between checkpoints, 0 = none but the last", count, 20)
    .option("--wandb-project <name>", "write an offline run for this project of Weights & Biases", orNone(string))
    .addHelpText("after", RL_EXAMPLES);
}

/** Parsed flags. */
export type TrainSftOptions = ReturnType<ReturnType<typeof sftCommand>["opts"]>;
export type TrainRlOptions = ReturnType<ReturnType<typeof rlCommand>["opts"]>;

const SPELLING = `
Parameters may be written --batch-size 4, --batch_size=4, batch_size=4 or config.batch_size=4; None means no value.
The same command resumes an interrupted run where --log-path names its folder.`;

const SFT_EXAMPLES = `
Examples:
  pka train sft --engine --log-path runs/sft --max-steps 20 --num-epochs 1
  pka train sft config.batch_size=32 config.learning_rate=1e-5 config.num_epochs=8 config.seed=6
  pka train sft trajectory_path=trajectories.json log_path=runs/reasoning-sft
  pka train sft --dry-run --data-dir data
${SPELLING}`;

const RL_EXAMPLES = `
Examples:
  pka train rl --engine --log-path runs/rl --num-epochs 10 --final-eval
  pka train rl --model_name openai/gpt-oss-20b --lora_rank 32 --learning_rate 2e-5 --group_size 8 --groups_per_batch 32
  pka train rl --eval-datasets nq,simpleqa --eval-limit 500 --log-path runs/rl
${SPELLING}`;
