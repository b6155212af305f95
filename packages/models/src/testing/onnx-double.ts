import { temporaryFolder } from "@pka/fault-kit";
import type { CausalLm, Logits, PretrainedOptions, Tensor, TransformersPeer } from "../onnx/onnx-peer.js";

/** One token per character of printable ASCII, id = code; 1 is the special `<|end|>`. */
const TOKENIZER = {
  version: "1.0",
  added_tokens: [
    { id: 1, content: "<|end|>", special: true, single_word: false, lstrip: false, rstrip: false, normalized: false },
  ],
  normalizer: null,
  pre_tokenizer: { type: "Split", pattern: { Regex: "" }, behavior: "Isolated", invert: false },
  post_processor: null,
  decoder: { type: "Fuse" },
  model: {
    type: "BPE",
    unk_token: null,
    fuse_unk: false,
    byte_fallback: false,
    vocab: Object.fromEntries(
      [10, ...Array.from({ length: 95 }, (_, i) => 32 + i)].map((id) => [String.fromCharCode(id), id]),
    ),
    merges: [],
  },
};

const PLAIN_TEMPLATE =
  "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}assistant: ";

/** A checkpoint folder whose weights are an empty file; `files` adds to it, and `undefined` leaves a file out. */
export function writeOnnxCheckpoint(files: Readonly<Record<string, string | undefined>> = {}): string {
  const all: Readonly<Record<string, string | undefined>> = {
    "config.json": "{}",
    "tokenizer.json": JSON.stringify(TOKENIZER),
    "tokenizer_config.json": "{}",
    "chat_template.jinja": PLAIN_TEMPLATE,
    "onnx/model.onnx": "",
    ...files,
  };
  return temporaryFolder(
    Object.fromEntries(
      Object.entries(all).flatMap(([name, content]) => (content === undefined ? [] : [[name, content]])),
    ),
  );
}

/** What the double was asked to do, as it happens. */
export interface PeerLog {
  readonly loads: { model: string; options: PretrainedOptions & { dtype: string } }[];
  readonly prompts: string[];
  /** The most generations that ran at one time. */
  maxInFlight: number;
  disposed: boolean;
}

/**
 * A stand-in for `@huggingface/transformers` with its documented calls: a model that prefers the characters of `reply` one after
 * another and then `<|end|>`, and generates as the library does: process the logits, take the most likely token, ask the criteria.
 */
export function transformersDouble(
  reply: string,
  options: {
    readonly maxPositions?: number;
    readonly load?: (load: number) => Promise<void>;
    readonly step?: () => Promise<void>;
  } = {},
): { transformers: TransformersPeer; log: PeerLog } {
  const log: PeerLog = { loads: [], prompts: [], maxInFlight: 0, disposed: false };
  let inFlight = 0;

  const llm: CausalLm = {
    config: { ...(options.maxPositions && { max_position_embeddings: options.maxPositions }), eos_token_id: 99 },
    generation_config: { eos_token_id: [1] },
    async generate({ input_ids: prompt, max_new_tokens: maxTokens, logits_processor, stopping_criteria }) {
      inFlight += 1;
      log.maxInFlight = Math.max(log.maxInFlight, inFlight);
      const ids = Array.from(prompt.data, Number);
      log.prompts.push(String.fromCharCode(...ids));
      for (let count = 0; count < maxTokens; count += 1) {
        await (options.step ?? (() => new Promise((resolve) => setImmediate(resolve))))();
        const data = new Float32Array(128);
        data[count < reply.length ? reply.charCodeAt(count) : 1] = 20;
        let logits: Logits = { data, dims: [1, 128] };
        for (const process of logits_processor) logits = process(undefined, logits);
        ids.push(logits.data.indexOf(Math.max(...logits.data)));
        if (ids.at(-1) === 1 || stopping_criteria.some((criterion) => criterion()[0])) break;
      }
      inFlight -= 1;
      return { data: BigInt64Array.from(ids, BigInt), dims: [1, ids.length] };
    },
    async dispose() {
      log.disposed = true;
    },
  };

  class ArrayTensor implements Tensor {
    constructor(
      readonly type: "int64",
      readonly data: BigInt64Array,
      readonly dims: readonly number[],
    ) {}
  }
  const transformers: TransformersPeer = {
    env: { version: "4.3.1", remoteHost: "", allowRemoteModels: false, logLevel: 0, fetch },
    LogLevel: { ERROR: 40 },
    Tensor: ArrayTensor,
    AutoModelForCausalLM: {
      async from_pretrained(model, loadOptions) {
        log.loads.push({ model, options: loadOptions });
        await options.load?.(log.loads.length);
        return llm;
      },
    },
  };
  return { transformers, log };
}
