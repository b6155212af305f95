import { nearestName, UsageError } from "@pka/core";
import type { Dataset, DatasetInfo, DatasetName } from "./dataset.js";
import { hotpotqa } from "./datasets/hotpotqa.js";
import { math } from "./datasets/math.js";
import { nq } from "./datasets/nq.js";
import { simpleqa } from "./datasets/simpleqa.js";
import { smallworld } from "./datasets/smallworld.js";
import { strategyqa } from "./datasets/strategyqa.js";
import { triviaqa } from "./datasets/triviaqa.js";

/** Every dataset that can be read, in the order in which lists show them. */
const READABLE: Readonly<Record<DatasetName, Dataset>> = {
  triviaqa,
  nq,
  hotpotqa,
  simpleqa,
  strategyqa,
  math,
  smallworld,
};

/** What there is to load, by name: task, splits, rows and source of each dataset. Nothing is read for it. */
export const DATASETS: Readonly<Record<DatasetName, DatasetInfo>> = READABLE;

/** The dataset of that name. @throws UsageError naming the nearest dataset there is. */
export function findDataset(name: string): Dataset {
  const dataset = Object.values(READABLE).find((one) => one.name === name);
  if (dataset !== undefined) return dataset;
  const names = Object.keys(READABLE);
  const nearest = nearestName(name, names);
  const hint = nearest === undefined ? "" : ` Did you mean "${nearest}"?`;
  throw new UsageError(`unknown dataset "${name}".${hint} Datasets: ${names.join(", ")}`);
}
