import type { TinkerDatum } from "../wire/datum.js";
import type { ForwardBackwardOutput } from "../wire/forward-backward-output.js";
import type { ForwardBackwardRequest } from "../wire/forward-backward-request.js";

/** What the stub did to a model, in the order in which it did it: `1 forward_backward 3` is request 1, over three datums. */
export type Applied = string;

interface Work {
  readonly content: string;
  readonly requestId: string;
  readonly run: () => object;
}

/** The models of the stub: their requests run in the order of their numbers, each once, however often and in whatever order they come. */
export class StubModels {
  readonly applied: Applied[] = [];
  readonly #work = new Map<string, Map<number, Work>>();
  readonly #next = new Map<string, number>();

  /**
   * Takes request `seqId`. `finish` is told the result once it has run.
   * @returns The id of the request, the same for a repetition; `undefined` for another request under a number that is taken.
   */
  take(
    key: { readonly modelId: string; readonly seqId: number },
    work: { readonly content: string; readonly what: string; readonly run: () => object },
    finish: (requestId: string, result: object) => void,
  ): string | undefined {
    const { modelId, seqId } = key;
    const requests = this.#work.get(modelId) ?? new Map<number, Work>();
    this.#work.set(modelId, requests);
    const known = requests.get(seqId);
    if (known) return known.content === work.content ? known.requestId : undefined;
    const requestId = `${modelId}/${seqId}`;
    const run = () => {
      this.applied.push(`${seqId} ${work.what}`);
      return work.run();
    };
    requests.set(seqId, { content: work.content, requestId, run });
    for (let next = this.#next.get(modelId) ?? 1; requests.has(next); next += 1) {
      this.#next.set(modelId, next + 1);
      finish(requests.get(next)!.requestId, requests.get(next)!.run());
    }
    return requestId;
  }
}

/** A pass over a model whose every target token t has the logprob −t/100. */
export function stubPass({ data }: ForwardBackwardRequest): ForwardBackwardOutput {
  let loss = 0;
  const outputs = data.map((datum) => {
    const logprobs = logprobsOf(datum);
    const weights = datum.lossFnInputs["weights"]?.data ?? datum.lossFnInputs["advantages"]!.data;
    for (let i = 0; i < logprobs.length; i++) loss -= Number(weights[i]) * logprobs[i]!;
    return {
      logprobs: { dtype: "float32" as const, data: logprobs, shape: datum.lossFnInputs["target_tokens"]!.shape },
    };
  });
  return { lossFnOutputType: "ArrayRecord", lossFnOutputs: outputs, metrics: { "loss:sum": loss } };
}

function logprobsOf({ lossFnInputs }: TinkerDatum): Float32Array {
  return Float32Array.from<number | bigint>(lossFnInputs["target_tokens"]!.data, (token) => -Number(token) / 100);
}
