import type { TrainingSeries } from "../report-data.js";

/** Metrics that are looked at together, by their names in `metrics.jsonl`. */
export interface TrainingPanel {
  readonly title: string;
  readonly lines: readonly { readonly name: string; readonly label: string }[];
}

/** A metric of rollouts: of those that are trained on, and of the held-out questions. */
function rollouts(title: string, metric: string): TrainingPanel {
  return {
    title,
    lines: [
      { name: `env/all/${metric}`, label: "training" },
      { name: `test/env/all/${metric}`, label: "held out" },
    ],
  };
}

/** What shows how a run went: whether it learnt, and whether it learnt to please the reward alone. */
export const TRAINING_PANELS: readonly TrainingPanel[] = [
  rollouts("Reward", "reward/total"),
  rollouts("Completion, tokens", "ac_tokens_per_turn"),
  rollouts("Answer tags per completion", "answers_per_response"),
  rollouts("Rewarded as a substring only", "substring_only"),
  rollouts("No closed answer tag", "no_answer_tag"),
  { title: "KL to the reference", lines: [{ name: "kl_policy_base", label: "nats per token" }] },
  {
    title: "KL of sampler and trainer",
    lines: [
      { name: "optim/kl_sample_train_v1", label: "before the update" },
      { name: "kl_pre_post_v1", label: "by the update" },
    ],
  },
  { title: "Entropy", lines: [{ name: "optim/entropy", label: "nats per token" }] },
  {
    title: "Mean NLL",
    lines: [
      { name: "train_mean_nll", label: "training" },
      { name: "val_mean_nll", label: "held out" },
    ],
  },
  {
    title: "Sampled answers",
    lines: [
      { name: "val_EM_rate", label: "exact match" },
      { name: "val_EM_or_Recall_rate", label: "exact match or substring" },
    ],
  },
];

/** More points than a chart of this width can show. */
const MAX_POINTS = 200;

/**
 * The metrics of {@link TRAINING_PANELS} that a run has, in their order.
 *
 * @param rows - Of `metrics.jsonl`. Several of one step complete each other; values that are no number are left out.
 */
export function trainingSeries(rows: readonly Readonly<Record<string, unknown>>[]): TrainingSeries[] {
  const names = TRAINING_PANELS.flatMap(({ lines }) => lines.map(({ name }) => name));
  return names.flatMap((name) => {
    const values = new Map<number, number>();
    for (const row of rows) {
      const { step, [name]: value } = row;
      if (typeof step === "number" && typeof value === "number") values.set(step, value);
    }
    const points = [...values].toSorted(([a], [b]) => a - b);
    if (points.length === 0) return [];
    const stepsPerPoint = Math.ceil(points.length / MAX_POINTS);
    return [{ name, points: thinned(points, stepsPerPoint), stepsPerPoint }];
  });
}

function thinned(points: readonly (readonly [number, number])[], size: number): TrainingSeries["points"] {
  if (size === 1) return points;
  return Array.from({ length: Math.ceil(points.length / size) }, (_, i) => {
    const part = points.slice(i * size, (i + 1) * size);
    const mean = (index: 0 | 1) => part.reduce((sum, point) => sum + point[index], 0) / part.length;
    return [mean(0), mean(1)] as const;
  });
}
