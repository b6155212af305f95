import type { Dataset, DatasetInfo, DatasetName } from "./dataset.js";
import { hotpotqa } from "./datasets/hotpotqa.js";
import { math } from "./datasets/math.js";
import { nq } from "./datasets/nq.js";
import { simpleqa } from "./datasets/simpleqa.js";
import { smallworld } from "./datasets/smallworld.js";
import { strategyqa } from "./datasets/strategyqa.js";
import { triviaqa } from "./datasets/triviaqa.js";

/** Every dataset that can be read, in the order in which lists show them. */
export const READABLE: Readonly<Record<DatasetName, Dataset>> = {
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
