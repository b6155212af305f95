import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf, Random, UsageError } from "@pka/core";
import { CheckpointError } from "./errors.js";
import { checkAlpha, loraLayout, type LoraConfig } from "./lora.js";
import { checkModelConfig, type ModelConfig } from "./model-config.js";
import { type FloatTensor, readSafetensors, type SafetensorsFile, writeSafetensors } from "./safetensors.js";
import { modelLayout, type TensorLayout } from "./tensors.js";
import type { TrainingState } from "./trainer.js";
import { Transformer } from "./transformer.js";
import { WordTokenizer } from "./word-tokenizer.js";

const FORMAT = "pka-engine/1";

/** A model: its shape, its vocabulary, its weights and, from a training client, the state of training. */
export interface Checkpoint {
  readonly config: ModelConfig;
  /** Words of the {@link WordTokenizer}. */
  readonly words: readonly string[];
  /** Seed of the first weights. */
  readonly seed: number;
  /** All weights in one array; with LoRA, the frozen ones. */
  readonly weights: Float32Array;
  /** LoRA adapters, still apart from the weights. */
  readonly lora?: { readonly config: Required<LoraConfig>; readonly adapters: Float32Array };
  /** Adam's state of the trained parameters: of the adapters with LoRA, else of the weights. */
  readonly optimizer?: { readonly step: number; readonly first: Float32Array; readonly second: Float32Array };
}

/** A model with fresh random weights. */
export function freshCheckpoint(
  words: readonly string[],
  shape: Omit<ModelConfig, "vocabSize">,
  seed: number,
): Checkpoint {
  const { vocabSize } = new WordTokenizer(words);
  const config = { ...shape, vocabSize };
  const model = new Transformer(config);
  model.initialize(new Random(seed));
  return { config, words, seed, weights: model.copyWeights() };
}

/** The checkpoint as what {@link Trainer.load} takes; moments that are not there are zero. */
export function trainingState({ weights, lora, optimizer }: Checkpoint): TrainingState {
  const trained = (lora?.adapters ?? weights).length;
  return {
    step: optimizer?.step ?? 0,
    weights,
    ...(lora && { adapters: lora.adapters }),
    first: optimizer?.first ?? new Float32Array(trained),
    second: optimizer?.second ?? new Float32Array(trained),
  };
}

/** Write a checkpoint; folders are made as needed, an existing file is replaced in one go. Equal checkpoints give equal bytes. */
export async function writeCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  const { config, words, seed, weights, lora, optimizer } = checkpoint;
  const layout = modelLayout(config);
  const tensors = new Map(cutTensors(layout, weights));
  const metadata: Record<string, string> = {
    format: FORMAT,
    config: JSON.stringify(config),
    words: JSON.stringify(words),
    seed: String(seed),
  };
  const trained = lora ? loraLayout(config, lora.config) : layout;
  if (lora) {
    metadata["lora"] = JSON.stringify(lora.config);
    for (const [name, tensor] of cutTensors(trained, lora.adapters)) tensors.set(name, tensor);
  }
  if (optimizer) {
    metadata["step"] = String(optimizer.step);
    for (const moment of ["first", "second"] as const) {
      for (const [name, tensor] of cutTensors(trained, optimizer[moment], `adam.${moment}.`)) tensors.set(name, tensor);
    }
  }
  await mkdir(dirname(path), { recursive: true });
  await writeSafetensors(path, { metadata, tensors });
}

function cutTensors(layout: TensorLayout, flat: Float32Array, prefix = ""): [string, FloatTensor][] {
  return layout.tensors.map(({ name, shape, offset, length }) => [
    prefix + name,
    { shape, values: flat.subarray(offset, offset + length) },
  ]);
}

/** @throws CheckpointError naming the file and the metadata key or tensor that is missing or wrong. */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const file = await readSafetensors(path);
  const { format, step } = file.metadata;
  if (format !== FORMAT) {
    const found = format === undefined ? "missing" : JSON.stringify(format);
    throw new CheckpointError(
      path,
      "format",
      `is ${found}, and must be "${FORMAT}": this is no checkpoint of @pka/engine`,
    );
  }
  const config = parseMetadata(path, file, "config", (value: ModelConfig) => {
    checkModelConfig(value);
    return value;
  });
  const words = parseMetadata(path, file, "words", (value: string[]) => {
    const tokenizer = new WordTokenizer(value);
    if (tokenizer.vocabSize === config.vocabSize) return tokenizer.words;
    throw new UsageError(`makes ${tokenizer.vocabSize} tokens, and the config says ${config.vocabSize}`);
  });
  const seed = parseMetadata(path, file, "seed", Number);
  const layout = modelLayout(config);
  const weights = joinTensors(path, file, layout);
  if (file.metadata["lora"] === undefined) {
    return { config, words, seed, weights, ...readOptimizer(path, file, step, layout) };
  }
  const { lora, adapterLayout } = parseMetadata(path, file, "lora", ({ rank, alpha, matrices = "all" }: LoraConfig) => {
    checkAlpha(alpha!);
    const read = { rank, alpha: alpha!, matrices };
    return { lora: read, adapterLayout: loraLayout(config, read) };
  });
  const adapters = joinTensors(path, file, adapterLayout);
  return {
    config,
    words,
    seed,
    weights,
    lora: { config: lora, adapters },
    ...readOptimizer(path, file, step, adapterLayout),
  };
}

/** `check` throws for anything but a valid value. */
// oxlint-disable-next-line typescript/no-explicit-any -- what JSON.parse gives, until `check` has seen it
function parseMetadata<T>(path: string, { metadata }: SafetensorsFile, key: string, check: (value: any) => T): T {
  const text = metadata[key];
  if (text === undefined) throw new CheckpointError(path, key, "is missing");
  try {
    return check(JSON.parse(text));
  } catch (cause) {
    const problem = messageOf(cause);
    throw new CheckpointError(path, key, `is not valid (${problem})`, { cause });
  }
}

function readOptimizer(
  path: string,
  file: SafetensorsFile,
  step: string | undefined,
  layout: TensorLayout,
): Pick<Checkpoint, "optimizer"> {
  if (step === undefined) return {};
  if (!/^\d{1,15}$/.test(step))
    throw new CheckpointError(path, "step", `is ${JSON.stringify(step)}, not a whole number`);
  const [first, second] = [
    joinTensors(path, file, layout, "adam.first."),
    joinTensors(path, file, layout, "adam.second."),
  ];
  return { optimizer: { step: Number(step), first, second } };
}

function joinTensors(path: string, { tensors }: SafetensorsFile, layout: TensorLayout, prefix = ""): Float32Array {
  // All of them first: what the config asks for may be larger than any memory, but no more than the file holds is allocated.
  const parts = layout.tensors.map(({ name, shape, offset }) => {
    const tensor = tensors.get(prefix + name);
    if (!tensor) throw new CheckpointError(path, prefix + name, "is missing");
    if (tensor.shape.join() !== shape.join()) {
      throw new CheckpointError(
        path,
        prefix + name,
        `has the shape [${tensor.shape.join(", ")}], and must be [${shape.join(", ")}]`,
      );
    }
    return { offset, values: tensor.values };
  });
  const flat = new Float32Array(layout.length);
  for (const { offset, values } of parts) flat.set(values, offset);
  return flat;
}
