import { createRequire } from "node:module";
import { join } from "node:path";
import { messageOf, UsageError } from "@pka/core";
import { z } from "zod";

/** What is used of `@huggingface/transformers` 4. It is not installed with this package, so its own types are not there. */
export interface TransformersPeer {
  readonly env: {
    readonly version: string;
    remoteHost: string;
    allowRemoteModels: boolean;
    logLevel: number;
    fetch: (url: string | URL, init?: RequestInit) => Promise<Response>;
  };
  readonly LogLevel: { readonly ERROR: number };
  readonly AutoModelForCausalLM: {
    from_pretrained(model: string, options: PretrainedOptions & { device: "cpu"; dtype: string }): Promise<CausalLm>;
  };
  readonly Tensor: new (type: "int64", data: BigInt64Array, dims: readonly number[]) => Tensor;
}

export interface PretrainedOptions {
  cache_dir?: string;
  local_files_only?: boolean;
  progress_callback?: (event: ProgressEvent) => void;
}

export interface ProgressEvent {
  readonly status: string;
  readonly file?: string;
  /** Bytes. */
  readonly loaded?: number;
  readonly total?: number;
}

export interface Tensor {
  readonly data: ArrayLike<bigint | number>;
  readonly dims: readonly number[];
}

/** Logits of one step: `[1, vocabulary]`, float32, changed in place. */
export interface Logits extends Tensor {
  readonly data: Float32Array;
}

export interface CausalLm {
  readonly config: { readonly max_position_embeddings?: number; readonly eos_token_id?: EosTokenId };
  readonly generation_config: { readonly eos_token_id?: EosTokenId } | null;
  generate(options: {
    input_ids: Tensor;
    attention_mask: Tensor;
    max_new_tokens: number;
    do_sample: false;
    num_beams: 1;
    repetition_penalty: 1;
    no_repeat_ngram_size: 0;
    min_length: 0;
    min_new_tokens: 0;
    logits_processor: readonly ((ids: unknown, logits: Logits) => Logits)[];
    stopping_criteria: readonly (() => boolean[])[];
  }): Promise<Tensor>;
  dispose(): Promise<unknown>;
}

type EosTokenId = number | readonly number[] | null;

const peerSchema = z.object({ env: z.object({ version: z.string().startsWith("4.") }) });

const PEER = "@huggingface/transformers";

/**
 * Load `@huggingface/transformers` from beside this package or, where it is not there, from the current working directory.
 *
 * @throws UsageError saying how to install it, or what stopped it from loading.
 */
export async function loadTransformers(): Promise<unknown> {
  // `require` and not `import`: only that can start from another folder, and no bundler looks for a package that may not be there.
  for (const from of [import.meta.url, join(process.cwd(), "package.json")]) {
    try {
      return createRequire(from)(PEER);
    } catch (error) {
      if (!isMissing(error)) throw cannotLoad(error);
    }
  }
  throw new UsageError(
    `models that run on this machine need the package ${PEER}, about 480 MB, which is not installed. ` +
      `Install it here: npm install ${PEER}@4 with the environment variable ONNXRUNTIME_NODE_INSTALL=skip ` +
      "(otherwise npm fetches CUDA files, too); pnpm add needs no variable",
  );
}

/** @throws UsageError when `module` is not version 4 of the package. */
export function checkTransformers(module: unknown): TransformersPeer {
  if (isTransformers(module)) return module;
  throw new UsageError(`the ${PEER} found here is not version 4. Install it again: npm install ${PEER}@4`);
}

function isTransformers(module: unknown): module is TransformersPeer {
  return peerSchema.safeParse(module).success;
}

/** The package itself is not there; one of its own imports missing is another matter. */
function isMissing(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return error.code === "MODULE_NOT_FOUND" && error.message.includes(`'${PEER}'`);
}

function cannotLoad(cause: unknown): UsageError {
  const reason = messageOf(cause);
  return new UsageError(`${PEER} is installed but does not load: ${reason}. Install it again`, { cause });
}
