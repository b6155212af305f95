import { type Datum, messageOf, type TrainingClient, UsageError } from "@pka/core";
import { supervisedDatum, type TrainingRenderer } from "@pka/renderers";
import {
  ADAM,
  checkpointName,
  DivergedError,
  FINAL,
  linearDecay,
  type Metrics,
  type RunFolder,
  saveCheckpoint,
  type TokenSpan,
  tokenSpans,
} from "@pka/training";
import { type AnswerTemplate, type Conversation, DIRECT_TEMPLATE, directConversation } from "./conversations.js";
import { meanNll } from "./mean-nll.js";
import type { RowOrder } from "./row-order.js";
import { checkSftConfig, type SftConfig } from "./sft-config.js";
import { validationGeneration, validationNll, type ValidationRow } from "./validation.js";

/** Options of `trainSft`. */
export interface TrainSftOptions {
  /** In the state of `run.resumePoint`, see `openTrainingClient`. */
  readonly trainingClient: TrainingClient;
  readonly renderer: TrainingRenderer;
  /** Where metrics and checkpoints go, and from where the run goes on. */
  readonly run: RunFolder;
  /** The rows, in the order of their source. `undefined` = left out of its batch, which gets smaller. */
  readonly rows: readonly (Conversation | undefined)[];
  /** `directOrder` or `reasoningOrder`; called with the number of rows, the seed and how many rows to keep. */
  readonly order: (numRows: number, seed: number, keep?: number) => RowOrder;
  readonly config: SftConfig;
  /** Questions held out, for the validation NLL and sampled answers. */
  readonly validation?: readonly ValidationRow[] | undefined;
  /** How validation answers are written out. Default the paper's. */
  readonly template?: AnswerTemplate | undefined;
  /**
   * What the validation NLL is measured on. Default: the first answer of every validation question, written out by `template`; in
   * reasoning fine-tuning too, as in the paper.
   */
  readonly validationConversations?: readonly Conversation[] | undefined;
  /** Aborting it ends the run after the step in progress, with a checkpoint: the same call goes on from there. */
  readonly signal?: AbortSignal | undefined;
  /** Told the first training row, by loss weight. */
  readonly onProbe?: ((spans: readonly TokenSpan[]) => void) | undefined;
}

/** One step of the run, done and logged. */
export interface SftStep {
  /** From 0. */
  readonly step: number;
  readonly totalSteps: number;
  readonly metrics: Metrics;
}

/** Where a run of this many rows stands: steps of an epoch and in all. Incomplete batches are dropped in every epoch. */
export function sftPlan(
  numRows: number,
  { batchSize, numEpochs, maxSteps, maxTotalSteps }: SftConfig,
): { readonly numBatches: number; readonly totalSteps: number; readonly keep: number } {
  const keep = Math.min(numRows, (maxSteps ?? Infinity) * batchSize);
  const numBatches = Math.floor(keep / batchSize);
  return { keep, numBatches, totalSteps: Math.min(numBatches * numEpochs, maxTotalSteps ?? Infinity) };
}

/**
 * Supervised fine-tuning: cross-entropy on the assistant's last message, summed over tokens, with a learning rate that falls to 0.
 * Every step is logged to the run folder before it is handed out. A run that ends in any way is continued by the same call.
 *
 * @throws UsageError for a configuration that cannot be; DivergedError when the service gives a loss that is no number.
 * @see `reasoningsft_train.py` of arXiv:2602.22193.
 */
export async function* trainSft(options: TrainSftOptions): AsyncGenerator<SftStep> {
  const {
    trainingClient: client,
    renderer,
    run,
    rows,
    config,
    validation,
    template = DIRECT_TEMPLATE,
    signal,
  } = options;
  checkSftConfig(config);
  const heldOut =
    options.validationConversations ??
    validation?.map((row) => directConversation(row, template)).filter((messages) => messages !== undefined);
  const { keep, numBatches, totalSteps } = sftPlan(rows.length, config);
  const { logger } = run;
  const order = options.order(rows.length, config.seed, keep);
  const resumed = run.resumePoint;
  if (resumed?.name === FINAL) {
    logger.info("the run is complete already");
    return;
  }
  const firstStep = resumed === undefined ? 0 : sftStepOf(resumed, numBatches);
  if (totalSteps === 0) {
    logger.warn(`${rows.length} rows are fewer than one batch of ${config.batchSize}: there is nothing to train`);
  }

  const toDatum = (row: number): Datum[] => {
    const messages = rows[row];
    if (messages === undefined) return [];
    try {
      return [supervisedDatum(renderer.buildSupervisedExample(messages, config.trainOnWhat), config)];
    } catch (error) {
      logger.warn(`row ${row} is left out: ${messageOf(error)}`);
      return [];
    }
  };

  let epochOrder: ArrayLike<number> = [];
  for (let step = firstStep; step < totalSteps; step++) {
    const stepStart = performance.now();
    const epoch = Math.floor(step / numBatches);
    const batch = step % numBatches;
    if (batch === 0 || step === firstStep) epochOrder = order(epoch);

    // A checkpoint holds the weights before its step.
    const isDue = config.saveEvery > 0 && step > 0 && step % config.saveEvery === 0;
    if ((isDue || signal?.aborted) && step > firstStep) {
      run.commitCheckpoint(
        await saveCheckpoint(client, { name: checkpointName(step), epoch, batch }, { sampler: false }),
      );
    }
    if (signal?.aborted) {
      logger.info(`stopped before step ${step} of ${totalSteps}`);
      return;
    }

    // The batch: rows as shuffled for this epoch, without those that cannot be trained on.
    const rowsOfBatch = Array.from({ length: config.batchSize }, (_, i) => epochOrder[batch * config.batchSize + i]!);
    const allDatums = rowsOfBatch.flatMap(toDatum);
    if (step === firstStep && allDatums[0]) {
      options.onProbe?.(tokenSpans(renderer.tokenizer, allDatums[0].tokens, allDatums[0].weights!));
    }
    const datums = config.nllThreshold === null ? allDatums : await below(config.nllThreshold, client, allDatums);

    const learningRate = linearDecay(config.learningRate, step, totalSteps);
    let metrics: Metrics;
    if (datums.length === 0) {
      metrics = { skipped: 1, epoch: epoch + 1, num_sequences: 0, num_sequences_before_filter: allDatums.length };
    } else {
      // Both requests are sent before either is awaited; the client keeps their order.
      const [pass, update] = await Promise.all([
        client.forwardBackward(datums, "cross_entropy"),
        client.optimStep({ ...ADAM, learningRate }),
      ]);
      const trainNll = meanNll(
        pass.logprobs,
        datums.map(({ weights }) => weights!),
      );
      if (!Number.isFinite(trainNll)) throw new DivergedError(step, `the mean NLL is ${trainNll}`);
      metrics = {
        ...update.metrics,
        epoch: epoch + 1,
        num_sequences: datums.length,
        num_sequences_before_filter: allDatums.length,
        num_tokens: datums.reduce((sum, { tokens }) => sum + tokens.length, 0),
        learning_rate: learningRate,
        train_mean_nll: trainNll,
        progress: step / totalSteps,
        time_total: (performance.now() - stepStart) / 1000,
      };
    }
    run.logMetrics(step, metrics);

    // Held-out questions; the weights have had step + 1 updates.
    if (heldOut && isTime(config.evalEvery, step)) {
      const nll = await validationNll(client, renderer, heldOut, config);
      run.logMetrics(step, nll);
      metrics = { ...metrics, ...nll };
    }
    if (validation && isTime(config.genEvalEvery, step)) {
      const sampler = await client.saveWeightsAndGetSamplingClient();
      const generation = await validationGeneration(sampler, renderer, validation, step, config);
      run.logMetrics(step, generation);
      metrics = { ...metrics, ...generation };
    }
    yield { step, totalSteps, metrics };
  }

  const end = { name: FINAL, epoch: config.numEpochs, batch: numBatches };
  run.commitCheckpoint(await saveCheckpoint(client, end, { sampler: true }));
}

/** The step before which a checkpoint was saved. */
export function sftStepOf(
  { epoch, batch }: { readonly epoch?: number; readonly batch: number },
  numBatches: number,
): number {
  if (epoch === undefined) throw new UsageError("the checkpoint has no epoch: it is not one of supervised fine-tuning");
  return epoch * numBatches + batch;
}

function isTime(every: number, step: number): boolean {
  return every > 0 && step > 0 && step % every === 0;
}

/** The datums whose own mean NLL is below the threshold. */
async function below(threshold: number, client: TrainingClient, datums: readonly Datum[]): Promise<Datum[]> {
  if (datums.length === 0) return [];
  const { logprobs } = await client.forward(datums, "cross_entropy");
  return datums.filter(({ weights }, i) => meanNll([logprobs[i]!], [weights!]) < threshold);
}
