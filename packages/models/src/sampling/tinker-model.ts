import { type Clock, type Model, type SamplingClient, UsageError } from "@pka/core";
import {
  type HarmonyOptions,
  harmonyRenderer,
  loadHarmonyTokenizer,
  localDate,
  type TokenRenderer,
} from "@pka/renderers";
import { loadCheckpointRenderer } from "../checkpoint-renderer.js";
import { modelFileName } from "../model-file-name.js";
import { samplingModel, type SamplingModelOptions } from "./sampling-model.js";
import { tokenizerFolder, type TokenizerSource } from "../openai/tokenizer-folder.js";

export interface TinkerModelOptions {
  /** Such as `openai/gpt-oss-20b`. */
  readonly baseModel: string;
  /** Default `tinker:<base model>`. */
  readonly id?: string | undefined;
  /** The model's part of result file names. Default made from `baseModel`. */
  readonly fileName?: string | undefined;
  /** Samples from the base model, or from a checkpoint of it. */
  readonly client: SamplingClient;
  /** `YYYY-MM-DD`, for prompts that name a date. Default: this machine's at this call; a run that is continued keeps its own. */
  readonly date?: string | undefined;
  /** How gpt-oss is asked. Default `era`, as for the paper. */
  readonly harmonyStyle?: HarmonyOptions["style"];
  /** Where tokenizer and chat template of another model than gpt-oss come from. */
  readonly tokenizers?: TokenizerSource | undefined;
  /** Instead of the base model's own format. */
  readonly renderer?: TokenRenderer | undefined;
  /** Most tokens of a completion. Default the paper's: 2048, for MATH 4096. */
  readonly maxTokens?: SamplingModelOptions["maxTokens"] | undefined;
  /** Time for one answer. Default 90 min, which the client's own patience of an hour without credit fits into. */
  readonly timeoutMs?: number | undefined;
  readonly settings?: Model["settings"] | undefined;
  readonly close?: (() => Promise<void>) | undefined;
  readonly clock?: Clock | undefined;
}

/** @see `run_eval.py`, `run_eval_math.py` of arXiv:2602.22193. */
export const TINKER_MAX_TOKENS = { qa: 2048, math: 4096 };
const TIMEOUT_MS = 90 * 60_000;

/**
 * A model of the Tinker service. gpt-oss is asked in harmony with the paper's preamble, system message and limits; without thinking the
 * prompt ends in an empty analysis. `text` is what the paper's files hold: both channels, markup spelled out, `<|return|>` left out.
 * `numTokens` counts every sampled token, markup and `<|return|>` included. Any other model is asked with its own chat template.
 *
 * The client retries by itself; nothing is asked twice here.
 *
 * @throws UsageError for an option that cannot be · TokenizerFileError, ChatTemplateError, ModelError where the tokenizer or the chat
 * template of another model cannot be had.
 */
export async function tinkerModel(options: TinkerModelOptions): Promise<Model> {
  const { baseModel, date = localDate(), timeoutMs = TIMEOUT_MS } = options;
  const { usesDate, settings, ...format } = await formatOf(options, date);
  const model = samplingModel({
    ...options,
    ...format,
    id: options.id ?? `tinker:${baseModel}`,
    fileName: options.fileName ?? modelFileName("tinker", baseModel),
    maxTokens: options.maxTokens ?? TINKER_MAX_TOKENS,
    timeoutMs,
    settings: { ...settings, ...(usesDate && { date }), ...options.settings },
  });
  if (!usesDate || options.date !== undefined) return model;
  return {
    ...model,
    asRecorded: async (recorded) =>
      typeof recorded["date"] === "string" ? tinkerModel({ ...options, date: recorded["date"] }) : model,
  };
}

/** How a model is asked. */
interface Format extends Pick<SamplingModelOptions, "renderer" | "promptStyle" | "thinkingModes" | "settings"> {
  readonly usesDate: boolean;
}

async function formatOf(options: TinkerModelOptions, date: string): Promise<Format> {
  const { baseModel, renderer, harmonyStyle: style, tokenizers } = options;
  if (renderer) return { renderer, usesDate: false };
  if (isGptOss(baseModel)) {
    return { renderer: harmonyRenderer(await loadHarmonyTokenizer(), { date, style }), usesDate: true };
  }
  if (!tokenizers) throw new UsageError(`${baseModel} needs a source of its tokenizer, and none was given`);
  // A variant, such as a longer context, stands behind a colon; the tokenizer is the same.
  const folder = await tokenizerFolder(baseModel.split(":")[0]!, tokenizers);
  const { usesDate, promptStyle, thinkingModes, samplePrompt, ...own } = await loadCheckpointRenderer(
    folder,
    new Date(`${date}T12:00:00`),
  );
  return { renderer: own, usesDate, promptStyle, thinkingModes, settings: { promptStyle, samplePrompt } };
}

function isGptOss(baseModel: string): boolean {
  return /(^|\/)gpt-oss-/.test(baseModel);
}
