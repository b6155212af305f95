import {
  type ClientConfigResponse,
  type ClientDynamicConfigResponse,
  createSessionRequestSchema,
  type CreateSessionResponse,
  finishSessionRequestSchema,
  type ServerCapabilitiesResponse,
  sessionHeartbeatRequestSchema,
  telemetryRequestSchema,
} from "@pka/tinker/wire";
import { Hono } from "hono";
import { readBody } from "./read-body.js";
import { readChecked } from "./read-json.js";
import type { Service } from "./service.js";

const CLIENT_CONFIG: ClientConfigResponse = {
  pjwt_auth_enabled: false,
  parallel_fwdbwd_chunks: true,
  proto_compress_fwdbwd: false,
  create_model_via_load_weights: true,
  use_pyqwest_transport: false,
  sample_use_retrieve_futures: false,
  sample_join_sampling_session: false,
};
const DYNAMIC_CONFIG: ClientDynamicConfigResponse = { refresh_interval_sec: 300, sample_cancel_enabled: true };

/** What a client asks before it trains or samples. */
export function sessionRoutes({ baseModels, sessions, limits }: Service): Hono {
  const app = new Hono();

  app.get("/healthz", (c) => c.json({ status: "ok" }));

  app.post("/client/config", async (c) => {
    await readBody(c, limits);
    return c.json(CLIENT_CONFIG);
  });

  app.post("/client/dynamic_config", async (c) => {
    await readBody(c, limits);
    return c.json(DYNAMIC_CONFIG);
  });

  app.get("/get_server_capabilities", async (c) => {
    const models = await Promise.all(baseModels.names.map((name) => baseModels.describe(name)));
    const supported = models.map(({ name, contextLength }) => ({
      model_name: name,
      max_context_length: contextLength,
    }));
    return c.json({ supported_models: supported } satisfies ServerCapabilitiesResponse);
  });

  app.post("/create_session", async (c) => {
    const { body } = await readChecked(c, createSessionRequestSchema, limits);
    const { id } = await sessions.create(body);
    const info = `This is the embedded engine of PKA: a tiny model of an invented world answers for ${baseModels.names.join(", ")}`;
    return c.json({ type: "create_session", session_id: id, info_message: info } satisfies CreateSessionResponse);
  });

  app.post("/session_heartbeat", async (c) => {
    const { body } = await readChecked(c, sessionHeartbeatRequestSchema, limits);
    sessions.beat(body.session_id);
    return c.json({ type: "session_heartbeat" });
  });

  app.post("/sessions/:id/finish", async (c) => {
    const { body } = await readChecked(c, finishSessionRequestSchema, limits);
    const { reason, detail, at } = await sessions.finish(c.req.param("id"), body);
    return c.json({ reason, detail, finished_at: new Date(at).toISOString() });
  });

  // Taken and forgotten: a client whose telemetry fails sends it again for ever.
  app.post("/telemetry", async (c) => {
    await readChecked(c, telemetryRequestSchema, limits);
    return c.json({ status: "accepted" });
  });

  return app;
}
