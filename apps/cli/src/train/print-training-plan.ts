import { priceOf } from "@pka/models";
import { EXIT } from "../exit-codes.js";
import { printable } from "../stderr.js";

/** What a run would do. */
export interface TrainingPlan {
  readonly model: string;
  /** What is trained on. */
  readonly source: string;
  readonly rows: number;
  readonly steps: number;
  /** Trained, or sampled at most. */
  readonly tokens: number | undefined;
  /** Completions sampled for training, and for evaluation. */
  readonly rollouts?: number;
  readonly evalRollouts?: number;
}

/** `--dry-run`: the plan on stdout. */
export function printTrainingPlan(
  command: string,
  options: { readonly engine?: string | true; readonly usdPerMillionTokens?: number; readonly json?: true },
  plan: TrainingPlan,
): number {
  const { usdPerMillionTokens = listPrice(command, plan.model) } = options;
  const price = options.engine === undefined ? usdPerMillionTokens : 0;
  const usd = price === undefined || plan.tokens === undefined ? undefined : (plan.tokens / 1e6) * price;
  if (options.json) {
    console.log(JSON.stringify({ schema: 1, command, dryRun: true, ...plan, estimatedUsd: usd ?? null }, null, 2));
    return EXIT.done;
  }
  const { model, source, rows, steps, tokens, rollouts, evalRollouts } = plan;
  const count = (value: number): string => value.toLocaleString("en");
  const lines = [
    `${model} on ${source}: ${count(rows)} rows, ${count(steps)} steps; nothing was trained`,
    ...(rollouts === undefined
      ? []
      : [`completions: ${count(rollouts)} to train on, ${count(evalRollouts ?? 0)} to evaluate`]),
    `tokens: ${tokens === undefined ? "not known without the data" : `about ${count(tokens)}${rollouts === undefined ? "" : " at most"}`}`,
    `cost: ${usd === undefined ? "not known; --usd-per-million-tokens gives a price" : `about $${usd.toFixed(2)}`}`,
  ];
  console.log(lines.map(printable).join("\n"));
  return EXIT.done;
}

/** Tinker's for tokens trained on. Reinforcement learning samples and scores besides, so its tokens have no one price. */
function listPrice(command: string, model: string): number | undefined {
  return command === "train sft" ? priceOf(`tinker:${model}`)?.trainPerMillion : undefined;
}
