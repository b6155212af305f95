import { join } from "node:path";
import type { Example, Model } from "@pka/core";
import type { Price } from "./cost.js";
import { estimateSpend, type ExpectedTokens, type SpendEstimate } from "./estimate.js";
import { summarizeJournal } from "./journal/summarize-journal.js";
import { Ledger, type Spend } from "./ledger.js";
import { journalPathOf } from "./open-run.js";
import { resultFileName } from "./result/file-name.js";

/** What `planEvaluation` estimates. */
export interface PlanOptions {
  readonly dataset: { readonly name: string; readonly split: string; readonly examples: readonly Example[] };
  readonly model: Pick<Model, "fileName" | "thinkingModes">;
  readonly checkpointName?: string | undefined;
  readonly cues: boolean;
  readonly thinking: boolean;
  readonly samples?: number | undefined;
  readonly outputDir: string;
  /** The files there are going to be renamed, so that nothing in them counts. */
  readonly overwrite?: boolean | undefined;
  readonly price?: Price | undefined;
  /** Of one question. */
  readonly expectTokens: (example: Example) => ExpectedTokens;
  /** Other datasets of which the same model may have answers in `outputDir`: they tell how long answers are while this one has none. */
  readonly pilots?: readonly string[] | undefined;
}

/** What an evaluation would do. */
export interface EvaluationPlan {
  readonly dataset: string;
  readonly split: string;
  readonly questions: number;
  readonly samples: number;
  readonly resultPath: string;
  /** Rows that have an answer already. */
  readonly answered: number;
  /** By earlier processes. */
  readonly spent: Spend;
  /** For the rows that have none. */
  readonly estimate: SpendEstimate;
}

/** Looks at what is there and asks nothing. @throws JournalDamagedError. */
export async function planEvaluation(options: PlanOptions): Promise<EvaluationPlan> {
  const { dataset, samples = 1, overwrite = false, price, expectTokens, pilots = [] } = options;
  const pathOf = (name: string) => join(options.outputDir, resultFileName({ ...options, dataset: name }));
  const read = async (name: string) => summarizeJournal(journalPathOf(pathOf(name)), price);
  const { ledger, isAnswered } = await read(dataset.name);
  const questions: ExpectedTokens[] = [];
  for (const example of dataset.examples) {
    const expected = expectTokens(example);
    for (let sample = 0; sample < samples; sample++) {
      if (overwrite || !isAnswered(example.id, sample)) questions.push(expected);
    }
  }
  let estimate = estimateSpend({ questions, answers: ledger, price });
  for (const name of pilots) {
    if (estimate.basis === "answers") break;
    if (name !== dataset.name) estimate = estimateSpend({ questions, answers: (await read(name)).ledger, price });
  }
  return {
    dataset: dataset.name,
    split: dataset.split,
    questions: dataset.examples.length,
    samples,
    resultPath: pathOf(dataset.name),
    answered: dataset.examples.length * samples - questions.length,
    spent: (overwrite ? new Ledger(price) : ledger).spend(),
    estimate,
  };
}
