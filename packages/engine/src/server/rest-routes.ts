import {
  type CheckpointJson,
  type CheckpointsResponse,
  sessionProjectRequestSchema,
  type SessionResponse,
  type SessionsResponse,
  type TrainingRunJson,
  type TrainingRunsResponse,
  ttlRequestSchema,
} from "@pka/tinker/wire";
import { type Context, Hono } from "hono";
import { ApiError } from "./api-error.js";
import { readChecked } from "./read-json.js";
import type { CheckpointRecord, RunRecord } from "./records.js";
import type { Service } from "./service.js";
import { pathOf, type Store } from "./store.js";

const CHECKPOINT = "/training_runs/:run/checkpoints/:kind/:name";

/** What is there: training runs, checkpoints, sessions. */
export function restRoutes({ store, sessions, samplers, archives, limits }: Service): Hono {
  const app = new Hono();

  app.get("/training_runs", (c) => {
    const runs = [...store.runs.values()].toSorted((a, b) => b.lastRequestAt - a.lastRequestAt);
    const { page, cursor } = paginate(c, runs, 20);
    return c.json({ training_runs: page.map((run) => runJson(store, run)), cursor } satisfies TrainingRunsResponse);
  });

  app.get("/training_runs/:run", (c) => c.json(runJson(store, store.run(c.req.param("run")))));

  app.get("/training_runs/:run/checkpoints", (c) => {
    const run = store.run(c.req.param("run"));
    const checkpoints = store.checkpoints(run.id).map((checkpoint) => checkpointJson(store, checkpoint));
    return c.json({ checkpoints, cursor: null } satisfies CheckpointsResponse);
  });

  app.get("/checkpoints", (c) => {
    const { page, cursor } = paginate(c, store.checkpoints().toReversed(), 100);
    const checkpoints = page.map((checkpoint) => checkpointJson(store, checkpoint));
    return c.json({ checkpoints, cursor } satisfies CheckpointsResponse);
  });

  app.delete(CHECKPOINT, async (c) => {
    await store.deleteCheckpoint(pathOfUrl(c));
    return c.body(null, 204);
  });

  app.post(`${CHECKPOINT}/publish`, async (c) => {
    await store.saveCheckpoint({ ...store.checkpoint(pathOfUrl(c)), isPublic: true });
    return c.body(null, 204);
  });

  app.delete(`${CHECKPOINT}/publish`, async (c) => {
    await store.saveCheckpoint({ ...store.checkpoint(pathOfUrl(c)), isPublic: false });
    return c.body(null, 204);
  });

  app.put(`${CHECKPOINT}/ttl`, async (c) => {
    const { body } = await readChecked(c, ttlRequestSchema, limits);
    const { ttl_seconds: ttl } = body;
    if (ttl !== null && ttl <= 0) throw new ApiError(400, `ttl_seconds is ${ttl}, and must be above 0, or null`);
    const expiresAt = ttl === null ? null : Date.now() + ttl * 1000;
    await store.saveCheckpoint({ ...store.checkpoint(pathOfUrl(c)), expiresAt });
    return c.body(null, 204);
  });

  app.get(`${CHECKPOINT}/archive`, (c) => {
    const { token, expiresAt } = archives.offer(store.checkpoint(pathOfUrl(c)));
    const url = new URL(c.req.url);
    const prefix = url.pathname.slice(0, url.pathname.indexOf("/training_runs/"));
    return c.json({ url: `${url.origin}${prefix}/archives/${token}`, expires: new Date(expiresAt).toISOString() });
  });

  // The address is its own key: downloads come without credentials.
  app.get("/archives/:token", async (c) => {
    const { name, bytes } = await archives.read(c.req.param("token"));
    return c.body(bytes, 200, {
      "content-type": "application/x-tar",
      "content-disposition": `attachment; filename="${name}.tar"`,
    });
  });

  app.get("/sessions", (c) => {
    const { page } = paginate(c, sessions.list(), 20);
    return c.json({ sessions: page.map(({ id }) => id) } satisfies SessionsResponse);
  });

  app.get("/sessions/:id", (c) => {
    const { id, userMetadata } = sessions.get(c.req.param("id"));
    const runs = [...store.runs.values()].filter(({ sessionId }) => sessionId === id);
    return c.json({
      training_run_ids: runs.map((run) => run.id),
      sampler_ids: samplers.idsOf(id),
      user_metadata: textOf(userMetadata),
    } satisfies SessionResponse);
  });

  app.put("/sessions/:id/project", async (c) => {
    const { body } = await readChecked(c, sessionProjectRequestSchema, limits);
    await sessions.update({ ...sessions.get(c.req.param("id")), projectId: body.project_id });
    return c.body(null, 204);
  });

  app.get("/billing/usage/events", (c) => c.json({ data: [], sessions: {} }));

  return app;
}

function pathOfUrl(c: Context): string {
  return `tinker://${c.req.param("run")}/${c.req.param("kind")}/${c.req.param("name")}`;
}

/** @throws ApiError 400 for a limit or offset that is none. */
function paginate<T>(c: Context, items: readonly T[], defaultLimit: number) {
  const whole = (name: "limit" | "offset", otherwise: number): number => {
    const text = c.req.query(name) ?? String(otherwise);
    if (!/^\d{1,9}$/.test(text)) throw new ApiError(400, `${name} is "${text}", and must be a whole number`);
    return Number(text);
  };
  const [limit, offset] = [whole("limit", defaultLimit), whole("offset", 0)];
  return { page: items.slice(offset, offset + limit), cursor: { offset, limit, total_count: items.length } };
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** The API's metadata are strings. */
function textOf(metadata: Readonly<Record<string, unknown>>): Record<string, string> {
  const entries = Object.entries(metadata);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

function checkpointJson(store: Store, checkpoint: CheckpointRecord): CheckpointJson {
  const { runId, kind, name, createdAt, sizeBytes, isPublic, expiresAt, userMetadata } = checkpoint;
  return {
    checkpoint_id: `${kind}/${name}`,
    checkpoint_type: kind === "weights" ? "training" : "sampler",
    time: time(createdAt),
    tinker_path: pathOf(checkpoint),
    size_bytes: sizeBytes,
    public: isPublic,
    expires_at: expiresAt === null ? null : time(expiresAt),
    base_model: store.run(runId).baseModel,
    user_metadata: textOf(userMetadata),
  };
}

function runJson(store: Store, run: RunRecord): TrainingRunJson {
  const checkpoints = store.checkpoints(run.id);
  const last = (kind: CheckpointRecord["kind"]): CheckpointJson | null => {
    const found = checkpoints.findLast((checkpoint) => checkpoint.kind === kind);
    return found ? checkpointJson(store, found) : null;
  };
  return {
    training_run_id: run.id,
    base_model: run.baseModel,
    model_owner: "local",
    is_lora: true,
    corrupted: false,
    lora_rank: run.loraRank,
    last_request_time: time(run.lastRequestAt),
    last_checkpoint: last("weights"),
    last_sampler_checkpoint: last("sampler_weights"),
    user_metadata: textOf(run.userMetadata),
  };
}
