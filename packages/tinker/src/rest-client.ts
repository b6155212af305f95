import { sleep, UsageError } from "@pka/core";
import type { z } from "zod";
import type { Connection } from "./connection.js";
import { errorOfReply } from "./error-of-reply.js";
import { TinkerError } from "./errors.js";
import {
  type AccessScope,
  type ArchiveUrl,
  type CheckpointInfo,
  type Page,
  type PageOptions,
  toCheckpoint,
  toTrainingRun,
  type TrainingRunInfo,
  type WeightsInfo,
} from "./rest-types.js";
import type { SamplerInfo } from "./sampling-client.js";
import type { Call, Reply } from "./transport.js";
import {
  archiveResponseSchema,
  auditResponseSchema,
  billingUsageResponseSchema,
  checkpointsResponseSchema,
  sessionResponseSchema,
  sessionsResponseSchema,
  trainingRunSchema,
  trainingRunsResponseSchema,
} from "./wire/management-messages.js";
import { healthResponseSchema, samplerResponseSchema } from "./wire/session-messages.js";
import { parseTinkerPath } from "./wire/tinker-path.js";
import { weightsInfoResponseSchema } from "./wire/training-messages.js";

const ARCHIVE_WAIT_MS = 30_000;
const MAX_ARCHIVE_ATTEMPTS = 6;
const ARCHIVE_LIFE_MS = 15 * 60_000;

type Query = Readonly<Record<string, string | number | undefined>>;

/** Training runs, checkpoints and sessions of an account. Every call can throw a TinkerError; paths and ids that cannot be, a UsageError. */
export class TinkerRestClient {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Newest first. Default: 20 from the first, own ones. */
  async listTrainingRuns(
    options: PageOptions & { readonly accessScope?: AccessScope; readonly projectId?: string } = {},
  ): Promise<Page<TrainingRunInfo>> {
    const { limit = 20, offset = 0, accessScope = "owned", projectId } = options;
    const query = { limit, offset, access_scope: accessScope, project_id: projectId };
    const answer = await this.#get("/training_runs", trainingRunsResponseSchema, query);
    return { items: answer.training_runs.map(toTrainingRun), totalCount: answer.cursor?.total_count };
  }

  async getTrainingRun(runId: string, accessScope: AccessScope = "owned"): Promise<TrainingRunInfo> {
    const path = `/training_runs/${id(runId, "training run")}`;
    return toTrainingRun(await this.#get(path, trainingRunSchema, { access_scope: accessScope }));
  }

  /** All checkpoints of one training run. */
  async listCheckpoints(runId: string): Promise<readonly CheckpointInfo[]> {
    const path = `/training_runs/${id(runId, "training run")}/checkpoints`;
    return (await this.#get(path, checkpointsResponseSchema)).checkpoints.map(toCheckpoint);
  }

  /** Checkpoints of all training runs. Default: 100 from the first. */
  async listUserCheckpoints({ limit = 100, offset = 0 }: PageOptions = {}): Promise<Page<CheckpointInfo>> {
    const answer = await this.#get("/checkpoints", checkpointsResponseSchema, { limit, offset });
    return { items: answer.checkpoints.map(toCheckpoint), totalCount: answer.cursor?.total_count };
  }

  /** For good. @param path - `tinker://…`, as everywhere below. */
  async deleteCheckpoint(path: string): Promise<void> {
    await this.#send({ method: "DELETE", path: checkpointUrl(path) });
  }

  /** Lets anybody load it. */
  async publishCheckpoint(path: string): Promise<void> {
    await this.#send({ method: "POST", path: `${checkpointUrl(path)}/publish` });
  }

  async unpublishCheckpoint(path: string): Promise<void> {
    await this.#send({ method: "DELETE", path: `${checkpointUrl(path)}/publish` });
  }

  /** @param ttlSeconds - The service deletes it after so long from now; `null` = never. */
  async setCheckpointTtl(path: string, ttlSeconds: number | null): Promise<void> {
    if (ttlSeconds !== null && !(Number.isSafeInteger(ttlSeconds) && ttlSeconds > 0)) {
      throw new UsageError(`ttlSeconds is ${ttlSeconds}, and must be a whole number of at least 1, or null for never`);
    }
    const body = JSON.stringify({ ttl_seconds: ttlSeconds });
    await this.#send({ method: "PUT", path: `${checkpointUrl(path)}/ttl`, body });
  }

  /** Where its archive can be fetched. The service may have to build it first: waits up to 2.5 min for that. */
  async getCheckpointArchiveUrl(path: string): Promise<ArchiveUrl> {
    const { requester } = this.#connection;
    const call = { method: "GET", path: `${checkpointUrl(path)}/archive` } as const;
    for (let attempts = 1; ; attempts += 1) {
      const reply = await this.#send(call, [302, 303, 307, 503]);
      if (reply.status < 300) {
        const { url, expires } = requester.readJson(archiveResponseSchema, reply, call.path);
        return { url, expires: expires ? new Date(expires) : undefined };
      }
      if (reply.status < 400) return archiveOfRedirect(reply, requester.clock.wallNow());
      if (attempts === MAX_ARCHIVE_ATTEMPTS) {
        throw errorOfReply(reply, { transport: requester.transport, path: call.path, attempts });
      }
      await sleep(requester.clock, ARCHIVE_WAIT_MS);
    }
  }

  async getWeightsInfo(path: string): Promise<WeightsInfo> {
    parseTinkerPath(path);
    const body = JSON.stringify({ tinker_path: path });
    await this.#connection.config();
    const call = { method: "POST", path: "/weights_info", body } as const;
    const info = await this.#connection.requester.json(weightsInfoResponseSchema, call);
    return {
      baseModel: info.base_model,
      isLora: info.is_lora,
      loraRank: info.lora_rank ?? undefined,
      trainMlp: info.train_mlp ?? true,
      trainAttn: info.train_attn ?? true,
      trainUnembed: info.train_unembed ?? true,
    };
  }

  /** Ids, newest first. Default: 20 from the first, own ones. */
  async listSessions(options: PageOptions & { readonly accessScope?: AccessScope } = {}): Promise<readonly string[]> {
    const { limit = 20, offset = 0, accessScope = "owned" } = options;
    return (await this.#get("/sessions", sessionsResponseSchema, { limit, offset, access_scope: accessScope }))
      .sessions;
  }

  async getSession(
    sessionId: string,
    accessScope: AccessScope = "owned",
  ): Promise<{ readonly trainingRunIds: readonly string[]; readonly samplerIds: readonly string[] }> {
    const path = `/sessions/${id(sessionId, "session")}`;
    const session = await this.#get(path, sessionResponseSchema, { access_scope: accessScope });
    return { trainingRunIds: session.training_run_ids, samplerIds: session.sampler_ids };
  }

  async assignSessionToProject(sessionId: string, projectId: string): Promise<void> {
    const body = JSON.stringify({ project_id: projectId });
    await this.#send({ method: "PUT", path: `/sessions/${id(sessionId, "session")}/project`, body });
  }

  async getSampler(samplerId: string): Promise<SamplerInfo> {
    const info = await this.#get(`/samplers/${id(samplerId, "sampler")}`, samplerResponseSchema);
    return { samplerId: info.sampler_id, baseModel: info.base_model, modelPath: info.model_path ?? undefined };
  }

  /** What was done with the account's checkpoints. @param options.day - `YYYY-MM-DD`. */
  async getAuditLog(options: { readonly eventType?: "all" | "checkpoints"; readonly day?: string } = {}) {
    const { eventType = "all", day } = options;
    const { entries } = await this.#get("/audit", auditResponseSchema, { event_type: eventType, day });
    return entries.map((entry) => ({
      time: new Date(entry.timestamp),
      event: entry.event,
      details: entry.event_details ?? {},
      tinkerPath: entry.tinker_path ?? undefined,
    }));
  }

  /**
   * Use per hour, as the service spells it: the fields of an event depend on its kind.
   * @param from - On the hour. @param to - On the hour, at most 14 days later; not included.
   */
  async getBillingUsage(from: Date, to: Date): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const query = { starting_on: from.toISOString(), ending_before: to.toISOString() };
    return (await this.#get("/billing/usage/events", billingUsageResponseSchema, query)).data;
  }

  /** The service answers. */
  async checkHealth(): Promise<void> {
    await this.#get("/healthz", healthResponseSchema);
  }

  /** Whose key it is, as far as the key says: `undefined` where it is not exchanged for a token. */
  async whoami(): Promise<{ readonly subject: string | undefined; readonly email: string | undefined } | undefined> {
    await this.#connection.config();
    await this.#connection.credentials.get();
    const claims = this.#connection.credentials.claims();
    return claims && { subject: claims.sub, email: claims.email };
  }

  async #get<T>(path: string, schema: z.ZodType<T>, query: Query = {}): Promise<T> {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
    const search = parameters.size > 0 ? `?${parameters.toString()}` : "";
    await this.#connection.config();
    const { requester } = this.#connection;
    const read = (reply: Reply) => requester.readJson(schema, reply, path);
    return requester.understood({ method: "GET", path: path + search }, read);
  }

  async #send(call: Call, accept?: readonly number[]): Promise<Reply> {
    // How to authenticate is part of what the service says there.
    await this.#connection.config();
    return this.#connection.requester.send(call, { accept });
  }
}

function archiveOfRedirect({ headers }: Reply, wallNow: number): ArchiveUrl {
  const url = headers.get("location");
  if (!url) throw new TinkerError("the redirect to the archive does not say where to", { kind: "bad-reply" });
  const expires = new Date(headers.get("expires") ?? Number.NaN);
  return { url, expires: Number.isNaN(expires.getTime()) ? new Date(wallNow + ARCHIVE_LIFE_MS) : expires };
}

/** @throws UsageError for a path that is none. */
function checkpointUrl(path: string): string {
  const { runId, kind, name } = parseTinkerPath(path);
  return `/training_runs/${runId}/checkpoints/${kind}/${name}`;
}

/** It becomes part of a URL. @throws UsageError for what would make another one. */
function id(text: string, what: string): string {
  if (/^[\w.:-]+$/.test(text) && !/^\.+$/.test(text)) return text;
  throw new UsageError(`"${text}" is no id of a ${what}`);
}
