import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { UsageError } from "@pka/core";
import type { Engine, EngineSamplingClient, EngineTrainingClient, TrainingClientOptions } from "./engine.js";
import { EngineClosedError } from "./errors.js";
import type { ModelConfig } from "./model-config.js";
import { WordTokenizer } from "./word-tokenizer.js";
import {
  type Call,
  type Handle,
  type Methods,
  type Reply,
  type Request,
  unpackError,
  type WorkerInput,
} from "./worker-protocol.js";

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The engine in a thread of its own, so that the caller's event loop stays free. An idle engine does not keep the process alive. */
export class WorkerEngine implements Engine {
  readonly config: ModelConfig;
  readonly tokenizer: WordTokenizer;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  /** Set once nothing more can be asked. */
  #ended: EngineClosedError | undefined;
  /** The worker forgets a client when nobody here holds it any more. */
  readonly #released = new FinalizationRegistry<Handle>((client) => this.#post({ kind: "release", client }));

  /** @throws UsageError when run from sources that were never built. */
  constructor(input: WorkerInput) {
    this.config = input.checkpoint.config;
    this.tokenizer = new WordTokenizer(input.checkpoint.words);
    // The process's own Node flags (--input-type, --import of a loader, --conditions) are not meant for this thread.
    this.#worker = new Worker(workerFile(), { workerData: input, execArgv: [] });
    this.#worker.unref();
    this.#worker.on("message", (reply: Reply) => this.#settle(reply));
    this.#worker.on("error", (cause) => this.#end(new EngineClosedError("the engine's thread failed", { cause })));
    this.#worker.on("exit", (code) => this.#end(new EngineClosedError(`the engine's thread ended with code ${code}`)));
  }

  #post(request: Request): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
    if (!this.#ended) this.#worker.postMessage(request);
  }

  async #call<M extends keyof Methods>(
    call: Extract<Call, { method: M }>,
    signal?: AbortSignal,
  ): Promise<Methods[M]["result"]> {
    if (this.#ended) throw this.#ended;
    signal?.throwIfAborted();
    const id = ++this.#lastId;
    const abort = (): void => {
      this.#post({ kind: "abort", id });
      this.#take(id)?.reject(signal?.reason);
    };
    try {
      return await new Promise<Methods[M]["result"]>((resolve, reject) => {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the protocol pairs the method with its result
        this.#waiting.set(id, { resolve: resolve as Waiting["resolve"], reject });
        if (this.#waiting.size === 1) this.#worker.ref();
        signal?.addEventListener("abort", abort, { once: true });
        this.#post({ kind: "call", id, call });
      });
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#worker.unref();
    return waiting;
  }

  #settle(reply: Reply): void {
    const waiting = this.#take(reply.id);
    if ("error" in reply) waiting?.reject(unpackError(reply.error));
    else waiting?.resolve(reply.result);
  }

  #end(error: EngineClosedError): void {
    this.#ended ??= error;
    for (const id of this.#waiting.keys()) this.#take(id)?.reject(this.#ended);
  }

  async samplingClient(path?: string): Promise<EngineSamplingClient> {
    return this.#samplingClient(await this.#call({ method: "samplingClient", path }));
  }

  #samplingClient(client: Handle): EngineSamplingClient {
    const held = this.#hold(client);
    return {
      sample: ({ signal, ...request }) => this.#call({ method: "sample", ...held, request }, signal),
      computeLogprobs: (tokens) => this.#call({ method: "computeLogprobs", ...held, tokens }),
      topLogprobs: (tokens, k) => this.#call({ method: "topLogprobs", ...held, tokens, k }),
    };
  }

  /** What a client's functions share: when it is collected, none of them can be called any more. */
  #hold(client: Handle): { readonly client: Handle } {
    const held = { client };
    this.#released.register(held, client);
    return held;
  }

  async trainingClient(options: TrainingClientOptions = {}): Promise<EngineTrainingClient> {
    const held = this.#hold(await this.#call({ method: "trainingClient", options }));
    return {
      forward: (datums, lossFn, config) => this.#call({ method: "forward", ...held, datums, lossFn, config }),
      forwardBackward: (datums, lossFn, config) =>
        this.#call({ method: "forwardBackward", ...held, datums, lossFn, config }),
      optimStep: (params) => this.#call({ method: "optimStep", ...held, params }),
      saveState: (name) => this.#call({ method: "saveState", ...held, name }),
      loadState: (path, loadOptions) => this.#call({ method: "loadState", ...held, path, options: loadOptions }),
      saveWeightsForSampler: (name) => this.#call({ method: "saveWeightsForSampler", ...held, name }),
      saveWeightsAndGetSamplingClient: async () =>
        this.#samplingClient(await this.#call({ method: "saveWeightsAndGetSamplingClient", ...held })),
    };
  }

  async close(): Promise<void> {
    this.#end(new EngineClosedError("the engine is closed"));
    await this.#worker.terminate();
  }
}

/** The built worker: beside the built package, or in `dist` when this file runs as a source, because Node cannot start a `.ts` worker. */
function workerFile(): URL {
  if (!import.meta.url.endsWith(".ts")) return new URL("./worker.js", import.meta.url);
  const built = new URL("../dist/worker.js", import.meta.url);
  if (existsSync(fileURLToPath(built))) return built;
  throw new UsageError(
    "the engine's worker is not built: build @pka/engine first, or open the engine with { worker: false }",
  );
}
