import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { type Completion, type Logger, type Model, silentLogger, UsageError } from "@pka/core";
import { loadChatTemplateRenderer, loadHfTokenizer } from "@pka/renderers";
import { chatPromptStyle, hashOfChatPrompt } from "../openai/chat-prompt.js";
import { checkThinkingMode } from "../check-thinking-mode.js";
import { defineModel } from "../define-model.js";
import { modelFileName } from "../model-file-name.js";
import { usageOfTokens } from "../sampling/usage-of-tokens.js";
import { findLocalDtype, isFolder, isRepository, type OnnxDtype, parseDtype } from "./onnx-checkpoint.js";
import { onnxGenerate } from "./onnx-generate.js";
import { fetchSmallFiles, type OnnxHub } from "./onnx-hub.js";
import { type CausalLm, checkTransformers, loadTransformers } from "./onnx-peer.js";
import { openOnnxWeights } from "./onnx-weights.js";
import { paperMessages, PROMPT_VERSION } from "../paper-prompts.js";

/** Options of `onnxModel`. */
export interface OnnxOptions {
  /** A folder with a checkpoint, or a repository on the hub such as `onnx-community/Qwen3-0.6B-ONNX`. */
  readonly model: string;
  /** Default `hf:<model>`. */
  readonly id?: string | undefined;
  /** The model's part of result file names. Default made from `model`. */
  readonly fileName?: string | undefined;
  /** Loads `@huggingface/transformers` 4. Default: from beside this package, else from the current working directory. */
  readonly importTransformers?: (() => Promise<unknown>) | undefined;
  /** Folder for downloaded checkpoints, as `<repository>/<file>`. Default `~/.cache/huggingface/onnx`. */
  readonly cacheDir?: string | undefined;
  /** Base URL of the hub. Default `https://huggingface.co`. */
  readonly endpoint?: string | undefined;
  /** Download nothing: a repository has to be in `cacheDir`. Default false. */
  readonly offline?: boolean | undefined;
  /** Sent to `endpoint` and to no other host. */
  readonly token?: string | undefined;
  /** Precision of the weights. Default: the most exact one in the folder; `fp32` from the hub. */
  readonly dtype?: string | undefined;
  /** Most tokens of a completion, the end token included. Default 4096, the paper's limit for R1. */
  readonly maxTokens?: number | undefined;
  /** Told to chat templates that write a date. Default: the time of this call. */
  readonly date?: Date | undefined;
  readonly logger?: Logger | undefined;
}

/**
 * A model that runs on this machine's CPU, in ONNX form, through `@huggingface/transformers`, which has to be installed beside it.
 * A missing package, file or chat template shows at once; the weights are loaded at the first question.
 *
 * The paper's instruction goes into a system message, or in front of the question where the chat template takes no system message.
 * Without thinking is possible where the template has the `enable_thinking` switch. Questions are answered one after another.
 * `numTokens` counts sampled tokens, the end token included. A `seed` makes a completion repeatable.
 *
 * @throws UsageError for a bad option, a missing package or a missing file, which it names · TokenizerFileError, ChatTemplateError for
 * a damaged checkpoint · ModelError where the hub is not reached, or does not have or give the checkpoint.
 */
export async function onnxModel(options: OnnxOptions): Promise<Model> {
  const { model, maxTokens = 4096, importTransformers = loadTransformers, logger = silentLogger } = options;
  if (!(Number.isSafeInteger(maxTokens) && maxTokens >= 1)) {
    throw new UsageError(`maxTokens must be a whole number of at least 1, not ${maxTokens}`);
  }
  const dtype = options.dtype === undefined ? undefined : parseDtype(options.dtype);
  const date = options.date ?? new Date();
  const checkpoint = await findCheckpoint(model, dtype, hubOf(options));
  const transformers = checkTransformers(await importTransformers());
  const folder = checkpoint.folder ?? (await fetchSmallFiles(model, checkpoint.hub));
  const [renderer, tokenizer] = await Promise.all([
    loadChatTemplateRenderer(folder, { date }),
    loadHfTokenizer(folder),
  ]);
  const style = chatPromptStyle(renderer);

  let weights: Promise<CausalLm> | undefined;
  const openOnce = (): Promise<CausalLm> => {
    weights ??= openOnnxWeights(transformers, { model, ...checkpoint }, logger).catch((error: unknown) => {
      weights = undefined; // a broken download may work next time
      throw error;
    });
    return weights;
  };
  // The runtime uses every core for one question, so the others wait.
  let last: Promise<unknown> = Promise.resolve();

  return defineModel({
    id: options.id ?? `hf:${model}`,
    fileName: options.fileName ?? modelFileName("hf", model),
    thinkingModes: renderer.thinkingModes,
    settings: {
      api: "onnx",
      dtype: checkpoint.dtype,
      maxTokens,
      promptVersion: PROMPT_VERSION,
      promptStyle: style,
      samplePrompt: hashOfChatPrompt(renderer, style),
      ...(renderer.usesDate && { date: date.toDateString() }),
    },
    isLocal: true,
    extraction: () => "answer-tags",

    async generate(ask, { signal } = {}): Promise<Completion> {
      checkThinkingMode(this, ask);
      const prompt = tokenizer.encode(renderer.renderPrompt(paperMessages(style, ask), ask));
      const turn = last.then(async () => {
        signal?.throwIfAborted();
        return onnxGenerate(transformers, await openOnce(), { prompt, ...ask, maxTokens, signal });
      });
      last = turn.catch(() => {});
      const { tokens, finishReason } = await turn;
      return {
        ...renderer.parse(tokenizer.decode(tokens.filter((token) => !tokenizer.specialTokens.has(token))), ask),
        finishReason,
        usage: usageOfTokens(prompt, tokens),
        numTokens: tokens.length,
        tokens,
        providerModel: model,
        attempts: 1,
      };
    },

    async close() {
      await last;
      await (await weights)?.dispose();
    },
  });
}

/** What `model` means: a folder that is there, or a repository. */
async function findCheckpoint(model: string, dtype: OnnxDtype | undefined, hub: OnnxHub) {
  const folder = resolve(model);
  if (await isFolder(folder)) return { folder, dtype: await findLocalDtype(folder, dtype), hub };
  if (!isRepository(model)) {
    throw new UsageError(`${folder} is not a folder, and "${model}" is not a repository of the form <owner>/<name>`);
  }
  return { folder: undefined, dtype: dtype ?? "fp32", hub };
}

function hubOf(options: OnnxOptions): OnnxHub {
  const { endpoint = "https://huggingface.co", offline = false, token } = options;
  if (!URL.canParse(endpoint)) throw new UsageError(`"${endpoint}" is not the URL of a hub`);
  const cacheDir = options.cacheDir ?? join(homedir(), ".cache", "huggingface", "onnx");
  return { endpoint: endpoint.replace(/(?<!\/)\/+$/, ""), cacheDir: resolve(cacheDir), offline, token };
}
