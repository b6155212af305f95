import { orAborted } from "./or-aborted.js";
import { chunkData, type DataChunk } from "./chunk-data.js";
import { compress } from "./compress.js";
import type { ResultFormat } from "./futures.js";
import { mergeOutputs } from "./merge-outputs.js";
import type { Session } from "./session.js";
import { type SendNumbered, SubmitQueue } from "./submit-queue.js";
import type { Call } from "./transport.js";
import type { TinkerDatum } from "./wire/datum.js";
import {
  decodeForwardBackwardOutput,
  type ForwardBackwardOutput,
  forwardBackwardOutputFromJson,
} from "./wire/forward-backward-output.js";
import { encodeForwardBackwardRequest } from "./wire/forward-backward-request.js";
import { futureResponseSchema } from "./wire/future-messages.js";
import { WireFormatError } from "./wire/wire-format-error.js";

/** A forward pass, with or without the backward one. */
export interface Pass {
  readonly data: readonly TinkerDatum[];
  readonly lossFn: string;
  readonly lossFnConfig?: Readonly<Record<string, number>> | undefined;
  readonly forwardOnly: boolean;
}

/** A pass that the service has taken. */
export interface SentPass {
  readonly output: Promise<ForwardBackwardOutput>;
}

/** Sends one pass: resolves when the service has all of it. */
export type SendPass = (pass: Pass) => Promise<SentPass>;

/** Sends the requests of one model in order, and waits for their results independently of each other. */
export class ModelRequests {
  readonly session: Session;
  readonly modelId: string;
  readonly #queue: SubmitQueue;

  /** @param firstSeqId - The number of the model's next request. */
  constructor(session: Session, modelId: string, firstSeqId: number) {
    this.session = session;
    this.modelId = modelId;
    this.#queue = new SubmitQueue(firstSeqId);
  }

  /** A request with a number, in JSON. `signal` stops the waiting; what has been sent is carried out all the same. */
  async request<T>(path: string, body: object, format: ResultFormat<T>, signal?: AbortSignal): Promise<T> {
    const message = { model_id: this.modelId, ...body, type: path.slice(1) };
    const submit = (seqId: number) => this.#submit({ path, body: JSON.stringify({ ...message, seq_id: seqId }) });
    return this.#result(
      this.#queue.run((send) => send(submit), signal),
      format,
      signal,
    );
  }

  /** A request without a number, sent after all earlier ones. */
  async requestUnnumbered<T>(path: string, format: ResultFormat<T>): Promise<T> {
    const body = JSON.stringify({ model_id: this.modelId, type: path.slice(1) });
    return this.#result(
      this.#queue.run(() => this.#submit({ path, body })),
      format,
    );
  }

  /** What `turn` makes of its passes. No later call is sent before it has ended. */
  async passes<T>(turn: (send: SendPass) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const sent = this.#queue.run((send) => turn((pass) => this.#send(pass, send)), signal);
    return orAborted(sent, signal);
  }

  async #result<T>(taken: Promise<string>, format: ResultFormat<T>, signal?: AbortSignal): Promise<T> {
    return this.session.connection.futures.retrieve(await orAborted(taken, signal), format, signal);
  }

  async #send(pass: Pass, send: SendNumbered): Promise<SentPass> {
    const { connection } = this.session;
    const { maxChunkLength, maxChunkBytes, parallelChunks, compresses } = await connection.config();
    const bytesInFlight = await connection.trainingBytes();
    const chunks = chunkData(pass.data, { maxLength: maxChunkLength, maxBytes: maxChunkBytes });
    // The chunk's result is being waited for as soon as it is sent: in an array, so that nobody awaits it along with the sending.
    const submit = ({ data, bytes }: DataChunk) =>
      send(async (seqId) => {
        const path = pass.forwardOnly ? "a forward pass" : "forward_backward";
        const requestId = await bytesInFlight.use(bytes, () => this.#submitPass({ ...pass, data }, seqId, compresses));
        const output = connection.futures.retrieve(requestId, passFormat(data.length, path));
        output.catch(() => undefined); // Another chunk may fail before anybody waits for this one.
        return [output] as const;
      });
    const outputs: (readonly [Promise<ForwardBackwardOutput>])[] = [];
    if (parallelChunks) outputs.push(...(await Promise.all(chunks.map(submit))));
    else for (const chunk of chunks) outputs.push(await submit(chunk));
    const output = Promise.all(outputs.map(([result]) => result)).then(mergeOutputs);
    output.catch(() => undefined);
    return { output };
  }

  async #submitPass(pass: Pass, seqId: number, compresses: boolean): Promise<string> {
    const body = encodeForwardBackwardRequest({ modelId: this.modelId, seqId, ...pass });
    const headers = { "content-type": "application/x-protobuf" };
    const path = "/forward_backward";
    if (!compresses) return this.#submit({ path, body, headers });
    return this.#submit({ path, body: await compress(body), headers: { ...headers, "content-encoding": "zstd" } });
  }

  /** Sends it until it is taken. @returns The id to ask for its result by. */
  async #submit(call: Omit<Call, "method" | "signal">): Promise<string> {
    const { requester } = this.session.connection;
    return (await requester.json(futureResponseSchema, { ...call, method: "POST" })).request_id;
  }
}

/** The result of a pass over so many datums. */
function passFormat(numDatums: number, what: string): ResultFormat<ForwardBackwardOutput> {
  const checked = (output: ForwardBackwardOutput) => {
    const { length } = output.lossFnOutputs;
    if (length !== numDatums) throw new WireFormatError(`${what} of ${numDatums} datums has outputs for ${length}`);
    return output;
  };
  return {
    requestType: "ForwardBackward",
    fromJson: (json) => checked(forwardBackwardOutputFromJson(json)),
    fromProtobuf: (bytes) => checked(decodeForwardBackwardOutput(bytes)),
  };
}
