import type { SampleRequest } from "@pka/tinker/wire";
import { ApiError } from "./api-error.js";
import type { BaseModels } from "./base-models.js";
import type { Futures } from "./futures.js";
import type { LiveModel } from "./live-model.js";
import { runSample, type Sampler } from "./run-sample.js";
import type { Sessions } from "./sessions.js";
import type { Store } from "./store.js";
import { Submissions } from "./submissions.js";

interface Services {
  readonly store: Store;
  readonly futures: Futures;
  readonly sessions: Sessions;
  readonly baseModels: BaseModels;
  /** Completions that may be waited for at once. */
  readonly maxQueuedSamples: number;
}

/** What an `asample` is answered at once. */
interface Submitted {
  readonly request_id: string;
  readonly sample_sequence_ids: readonly string[];
}

interface LiveSampler {
  readonly baseModel: string;
  readonly modelPath: string | null;
  readonly opened: Promise<Sampler>;
  readonly submissions: Submissions<Submitted>;
  /** Clients that share the session count their requests from different numbers. */
  numJoined: number;
}

interface OpenSampler extends Sampler {
  readonly baseModel: string;
}

/** Weights that stay open when nobody samples from them. */
const MAX_OPENED = 16;

/** The sampling sessions: each on weights that never change. */
export class LiveSamplers {
  readonly #services: Services;
  readonly #samplers = new Map<string, LiveSampler>();
  readonly #submissions = new Map<string, Submissions<Promise<string>>>();
  /** Weights that were asked for lately. */
  readonly #opened = new Map<string, Promise<OpenSampler>>();
  #numQueued = 0;

  constructor(services: Services) {
    this.#services = services;
  }

  /** Weights to sample from: a checkpoint's, or a base model's. @throws ApiError 404 or 400 for what there is not. */
  open(baseModel: string | undefined, modelPath: string | undefined): Promise<OpenSampler> {
    const checkpoint = modelPath === undefined ? undefined : this.#services.store.checkpoint(modelPath);
    // A name can be written again.
    const key = JSON.stringify([baseModel, modelPath, checkpoint?.createdAt]);
    const known = this.#opened.get(key);
    if (known) return known;
    const opened = this.#open(baseModel, modelPath);
    opened.catch(() => this.#opened.delete(key));
    this.#opened.set(key, opened);
    if (this.#opened.size > MAX_OPENED) this.#opened.delete(this.#opened.keys().next().value!);
    return opened;
  }

  async #open(baseModel: string | undefined, modelPath: string | undefined): Promise<OpenSampler> {
    const { store, baseModels } = this.#services;
    if (modelPath === undefined) {
      if (baseModel === undefined) throw new ApiError(422, "base_model or model_path is missing");
      const { engine, codec, name } = await baseModels.open(baseModel);
      return { engine, codec, baseModel: name, client: await engine.samplingClient() };
    }
    const checkpoint = store.checkpoint(modelPath);
    const run = store.run(checkpoint.runId);
    const { engine, codec, name } = await baseModels.open(run.baseModel);
    if (baseModel !== undefined && (await baseModels.open(baseModel)).name !== name) {
      throw new ApiError(400, `${modelPath} is a checkpoint of ${name}, not of ${baseModel}`);
    }
    return { engine, codec, baseModel: name, client: await engine.samplingClient(store.fileOf(checkpoint)) };
  }

  /** @returns The sampling session's id. */
  create(
    wanted: { sessionId: string; number: number; baseModel: string | undefined; modelPath: string | undefined },
    content: Uint8Array,
  ): Promise<string> {
    const { sessionId, number, baseModel, modelPath } = wanted;
    return this.#once(sessionId, number, content, async () => {
      const sampler = await this.open(baseModel, modelPath);
      const record = { number, baseModel: sampler.baseModel, modelPath: modelPath ?? null };
      const session = this.#services.sessions.get(sessionId);
      await this.#services.sessions.update({ ...session, samplers: [...session.samplers, record] });
      return this.#add(sessionId, number, record, Promise.resolve(sampler));
    });
  }

  /** A sampling session on a model's weights as they are now; they are gone with the session. */
  async createEphemeral(model: LiveModel, number: number): Promise<string> {
    const { engine, codec, name } = model.base;
    const client = await model.snapshot();
    return this.#add(
      model.run.sessionId,
      number,
      { baseModel: name, modelPath: null },
      Promise.resolve({ engine, codec, client }),
    );
  }

  #once(sessionId: string, number: number, content: Uint8Array, make: () => Promise<string>): Promise<string> {
    this.#services.sessions.get(sessionId);
    const submissions = this.#submissions.get(sessionId) ?? new Submissions<Promise<string>>("sampling_session_seq_id");
    this.#submissions.set(sessionId, submissions);
    return submissions.once(number, content, make);
  }

  #add(
    sessionId: string,
    number: number,
    { baseModel, modelPath }: { baseModel: string; modelPath: string | null },
    opened: Promise<Sampler>,
  ): string {
    const id = `${sessionId}:sample:${number}`;
    this.#samplers.set(id, { baseModel, modelPath, opened, submissions: new Submissions("seq_id"), numJoined: 0 });
    return id;
  }

  /** A sampling session; one of an earlier process is opened again. @throws ApiError 404, or 410 when its weights are gone. */
  get(id: string): LiveSampler {
    const [sessionId = "", number = ""] = id.split(":sample:");
    const { sessions, store } = this.#services;
    const live = this.#samplers.get(id);
    const session = store.sessions.get(sessionId);
    if (!session) throw new ApiError(404, `there is no sampling session "${id}"`);
    sessions.get(sessionId);
    if (live) return live;
    const record = session.samplers.find((sampler) => String(sampler.number) === number);
    if (!record) throw new ApiError(410, `sampling session "${id}" is over: its weights were never saved`);
    const opened = this.open(record.baseModel, record.modelPath ?? undefined);
    opened.catch(() => this.#samplers.delete(id));
    this.#add(sessionId, record.number, record, opened);
    return this.get(id);
  }

  /** @throws ApiError 429 when too much waits already, and the client says that it understands. */
  submit(request: SampleRequest, content: Uint8Array, mayRefuse: boolean): Submitted {
    const { samplingSessionId, seqId, baseModel, modelPath } = request;
    const start = (opened: () => Promise<Sampler>): Submitted => {
      if (mayRefuse && this.#numQueued > 0 && this.#numQueued + request.numSamples > this.#services.maxQueuedSamples) {
        throw new ApiError(429, `${this.#numQueued} completions are waited for already`, 1);
      }
      return this.#start(opened, request);
    };
    if (samplingSessionId === undefined) return start(() => this.open(baseModel, modelPath));
    const { opened, submissions } = this.get(samplingSessionId);
    if (seqId === undefined) return start(() => opened);
    return submissions.once(seqId, content, () => start(() => opened));
  }

  #start(open: () => Promise<Sampler>, request: SampleRequest): Submitted {
    this.#numQueued += request.numSamples;
    const id = this.#services.futures.start(async (signal) => {
      try {
        return { kind: "sample", response: await runSample(await open(), request, signal) };
      } finally {
        this.#numQueued -= request.numSamples;
      }
    });
    return { request_id: id, sample_sequence_ids: Array.from({ length: request.numSamples }, (_, i) => `${id}:${i}`) };
  }

  /** Ids of a session's samplers. */
  idsOf(sessionId: string): string[] {
    const saved = this.#services.store.sessions
      .get(sessionId)
      ?.samplers.map(({ number }) => `${sessionId}:sample:${number}`);
    const live = [...this.#samplers.keys()].filter((id) => id.startsWith(`${sessionId}:`));
    return [...new Set([...(saved ?? []), ...live])];
  }

  closeSession(sessionId: string): void {
    for (const id of this.#samplers.keys()) if (id.startsWith(`${sessionId}:`)) this.#samplers.delete(id);
    this.#submissions.delete(sessionId);
  }
}
