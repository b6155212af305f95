import type {
  AdamParams,
  Datum,
  ForwardResult,
  LossFn,
  LossFnConfig,
  SampledSequence,
  SampleRequest,
  TrainingClient,
} from "@pka/core";
import { PkaError, UsageError } from "@pka/core";
import type { Checkpoint } from "./checkpoint.js";
import type { TrainingClientOptions } from "./engine.js";
import type { TopLogprobs } from "./top-logprobs.js";
import { CheckpointError, EngineClosedError, EngineInputError, EngineMemoryError } from "./errors.js";

/** Number of a client that lives in the worker. */
export type Handle = number;

/** What the worker is started with. */
export interface WorkerInput {
  readonly checkpoint: Checkpoint;
  readonly seed: number;
}

/** Everything that can be asked of the worker: arguments and result of each method. */
export interface Methods {
  samplingClient: { path: string | undefined; result: Handle };
  trainingClient: { options: TrainingClientOptions; result: Handle };
  sample: { client: Handle; request: Omit<SampleRequest, "signal">; result: SampledSequence[] };
  computeLogprobs: { client: Handle; tokens: readonly number[]; result: (number | null)[] };
  topLogprobs: { client: Handle; tokens: readonly number[]; k: number; result: TopLogprobs };
  forward: Pass;
  forwardBackward: Pass;
  optimStep: { client: Handle; params: AdamParams; result: Awaited<ReturnType<TrainingClient["optimStep"]>> };
  saveState: { client: Handle; name: string; result: string };
  loadState: { client: Handle; path: string; options: { optimizer?: boolean } | undefined; result: void };
  saveWeightsForSampler: { client: Handle; name: string; result: string };
  saveWeightsAndGetSamplingClient: { client: Handle; result: Handle };
}

interface Pass {
  client: Handle;
  datums: readonly Datum[];
  lossFn: LossFn;
  config: LossFnConfig | undefined;
  result: ForwardResult;
}

/** A method's arguments, with its name. */
export type Call = {
  [M in keyof Methods]: { readonly method: M } & Readonly<Omit<Methods[M], "result">>;
}[keyof Methods];

/** Main thread → worker: do something, stop doing it, or forget a client. */
export type Request =
  | { readonly kind: "call"; readonly id: number; readonly call: Call }
  | { readonly kind: "abort"; readonly id: number }
  | { readonly kind: "release"; readonly client: Handle };

/** Worker → main thread: the outcome of the call with this id. */
export type Reply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: ErrorMessage };

/** An error in a form that crosses threads; classes do not. */
export interface ErrorMessage {
  readonly code: string | undefined;
  readonly message: string;
  readonly stack: string | undefined;
  readonly file?: string;
  readonly field?: string;
}

export function packError(error: unknown): ErrorMessage {
  if (!(error instanceof Error)) return { code: undefined, message: String(error), stack: undefined };
  const { message, stack } = error;
  if (error instanceof CheckpointError) {
    return { code: error.code, message: error.problem, stack, file: error.file, field: error.field };
  }
  return { code: PkaError.isInstance(error) ? error.code : undefined, message, stack };
}

export function unpackError({ code, message, stack, file = "", field = "" }: ErrorMessage): Error {
  const error = errorOfCode(code, message, file, field);
  if (stack !== undefined) error.stack = stack;
  return error;
}

function errorOfCode(code: string | undefined, message: string, file: string, field: string): Error {
  switch (code) {
    case "checkpoint_invalid":
      return new CheckpointError(file, field, message);
    case "engine_input":
      return new EngineInputError(message);
    case "engine_memory":
      return new EngineMemoryError(message);
    case "engine_closed":
      return new EngineClosedError(message);
    case "usage":
      return new UsageError(message);
    default:
      return new Error(message);
  }
}
