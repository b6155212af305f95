import { PkaError, type SamplingClient, type TrainingClient } from "@pka/core";
import { drawSeed } from "@pka/core/node";
import { extractRewardAnswer, gradeRewardAnswer } from "@pka/grading";
import { supervisedDatum, type TrainingRenderer } from "@pka/renderers";
import { type Metrics } from "@pka/training";
import { z } from "zod";
import { type Conversation, questionMessages } from "./conversations.js";
import { meanNll } from "./mean-nll.js";
import { GENERATION_MAX_TOKENS, type SftConfig } from "./sft-config.js";

/** A question held out to watch the training. */
export interface ValidationRow {
  readonly question: string;
  /** Accepted answers; the first is not empty. */
  readonly answers: readonly string[];
}

/** A validation file does not have the shape of one. */
export class ValidationFileError extends PkaError {
  readonly code = "validation_file_invalid";
}

const fileSchema = z.array(z.object({ question: z.string(), ground_truth: z.array(z.string()) }));

/**
 * The rows of a validation file: a JSON array of `{question, ground_truth: […]}`. Rows without a first answer are left out.
 *
 * @param path - For messages.
 * @throws ValidationFileError naming row and field, or when no row is left.
 */
export function parseValidationFile(text: string, path: string): ValidationRow[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ValidationFileError(`${path} is no JSON`, { cause: error });
  }
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success) {
    throw new ValidationFileError(
      `${path}: expected a JSON array of {question, ground_truth: [text, …]}:\n${z.prettifyError(parsed.error)}`,
    );
  }
  const rows = parsed.data
    .filter(({ ground_truth: answers }) => answers[0])
    .map(({ question, ground_truth: answers }) => ({ question, answers }));
  if (rows.length === 0) throw new ValidationFileError(`${path}: no row has an answer in ground_truth`);
  return rows;
}

/** Mean NLL of conversations held out. Chunks of a batch's size are all sent before the first is awaited. */
export async function validationNll(
  client: TrainingClient,
  renderer: TrainingRenderer,
  conversations: readonly Conversation[],
  config: SftConfig,
): Promise<Metrics> {
  const start = performance.now();
  const datums = conversations.map((messages) =>
    supervisedDatum(renderer.buildSupervisedExample(messages, config.trainOnWhat), config),
  );
  const chunks = Array.from({ length: Math.ceil(datums.length / config.batchSize) }, (_, i) =>
    datums.slice(i * config.batchSize, (i + 1) * config.batchSize),
  );
  const results = await Promise.all(chunks.map((chunk) => client.forward(chunk, "cross_entropy")));
  const nll = meanNll(
    results.flatMap(({ logprobs }) => logprobs),
    datums.map(({ weights }) => weights!),
  );
  return { val_mean_nll: nll, val_time: (performance.now() - start) / 1000 };
}

/**
 * Sample one answer to every validation question and grade it as the RL environment does. A question whose request failed counts in
 * the denominator only, as in the paper's script; `val_gen_failed` says how many there were.
 */
export async function validationGeneration(
  client: SamplingClient,
  renderer: TrainingRenderer,
  rows: readonly ValidationRow[],
  step: number,
  config: SftConfig,
): Promise<Metrics> {
  const start = performance.now();
  let exactMatch = 0;
  let recallOnly = 0;
  let neither = 0;
  let failed = 0;
  const ask = async ({ question, answers }: ValidationRow, index: number): Promise<void> => {
    const seed = config.samplingSeed === null ? {} : { seed: drawSeed(config.samplingSeed, "val", step, index) };
    const [sample] = await client.sample({
      prompt: renderer.buildGenerationPrompt(questionMessages(question), { thinking: true }),
      params: { maxTokens: GENERATION_MAX_TOKENS, stop: renderer.stop, temperature: 1, topP: 1, ...seed },
    });
    const { text } = renderer.parseResponse(sample!.tokens);
    const verdict = gradeRewardAnswer(extractRewardAnswer(text), answers);
    if (verdict.exactMatch) exactMatch += 1;
    else if (verdict.recall) recallOnly += 1;
    else neither += 1;
  };
  await Promise.all(
    rows.map((row, index) =>
      ask(row, index).catch(() => {
        failed += 1;
      }),
    ),
  );
  return {
    val_EM_rate: exactMatch / rows.length,
    val_Recall_only_rate: recallOnly / rows.length,
    val_EM_or_Recall_rate: (exactMatch + recallOnly) / rows.length,
    val_Neither_rate: neither / rows.length,
    val_gen_failed: failed,
    val_gen_time: (performance.now() - start) / 1000,
  };
}
