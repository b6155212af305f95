import { PkaError } from "@pka/core";
import { type Context, Hono } from "hono";
import { ApiError, messageFor } from "./api-error.js";
import { authenticate } from "./authenticate.js";
import { onceByKey } from "./once-by-key.js";
import { openaiError, openaiRoutes } from "./openai/openai-routes.js";
import { restRoutes } from "./rest-routes.js";
import { samplingRoutes } from "./sampling-routes.js";
import type { Service } from "./service.js";
import { sessionRoutes } from "./session-routes.js";
import { trainingRoutes } from "./training-routes.js";

const TINKER = "/api/v1";
/** OpenAI's own path, and Tinker's for the same. */
const OPENAI = ["/v1", "/oai/api/v1"];

/** Both faces of the server as one application. */
export function createApp(service: Service, apiKey: string | undefined, isStopping: () => boolean): Hono {
  const app = new Hono();
  const isOpenai = (c: Context): boolean => OPENAI.some((prefix) => c.req.path.startsWith(`${prefix}/`));

  app.use(async (c, next) => {
    const isOpen = c.req.path === `${TINKER}/healthz` || c.req.path.startsWith(`${TINKER}/archives/`);
    if (!isOpen) authenticate(c, apiKey);
    // What is in flight may still be asked for. Clients send the rest again, to the next process.
    if (isStopping() && c.req.path !== `${TINKER}/retrieve_future`)
      throw new ApiError(503, "the server is stopping", 1);
    await next();
  });
  const once = onceByKey();
  for (const path of ["/create_session", "/unload_model"]) app.post(TINKER + path, once);
  app.delete(`${TINKER}/training_runs/*`, once);
  for (const routes of [sessionRoutes, trainingRoutes, samplingRoutes, restRoutes]) app.route(TINKER, routes(service));
  for (const prefix of OPENAI) app.route(prefix, openaiRoutes(service));

  app.notFound((c) => fail(c, new ApiError(404, `there is no ${c.req.method} ${c.req.path}`)));
  app.onError((error, c) => fail(c, error));

  function fail(c: Context, error: unknown): Response {
    const status = statusOf(error);
    if (status === 500) service.logger.warn(`${c.req.method} ${c.req.path} failed: ${stackOf(error)}`);
    if (error instanceof ApiError && error.retryAfterSeconds !== undefined) {
      c.header("retry-after", String(error.retryAfterSeconds));
    }
    const message = messageFor(error);
    if (!isOpenai(c)) return c.json({ detail: message }, status);
    // OpenAI has one status for every bad request.
    const shown = status === 422 ? 400 : status;
    return c.json(openaiError(shown, message), shown);
  }
  return app;
}

function statusOf(error: unknown): ApiError["status"] | 500 {
  if (error instanceof ApiError) return error.status;
  if (!PkaError.isInstance(error)) return 500;
  if (error.code === "tinker_wire_format") return 422;
  return ["usage", "engine_input", "checkpoint_invalid"].includes(error.code) ? 400 : 500;
}

export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
