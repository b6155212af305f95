import { type Context, Hono } from "hono";
import type { z } from "zod";
import { parseWith } from "@pka/tinker/wire";
import { ApiError } from "../api-error.js";
import { readJson } from "../read-json.js";
import type { Service } from "../service.js";
import { chatCompletions, chatSchema } from "./chat-completions.js";
import { completions, completionsSchema } from "./completions.js";
import { responses, responsesSchema } from "./responses.js";
import { refuseUnsupported } from "./sampling-fields.js";

/**
 * Enough of OpenAI's API for its clients. Whole completions are drawn, then streamed.
 * Models are the base models, and checkpoints by their `tinker://` path.
 */
export function openaiRoutes(service: Service): Hono {
  const app = new Hono();
  const model = (id: string) => ({ id, object: "model", created: 0, owned_by: "pka" });

  app.get("/models", (c) => c.json({ object: "list", data: service.baseModels.names.map(model) }));

  // Names hold slashes.
  app.get("/models/:id{.+}", (c) => {
    const id = c.req.param("id");
    if (!service.baseModels.names.includes(id)) throw new ApiError(404, `there is no model "${id}"`);
    return c.json(model(id));
  });

  const post = <T>(
    path: string,
    schema: z.ZodType<T>,
    answer: (service: Service, c: Context, body: T) => Promise<Response>,
  ) =>
    app.post(path, async (c) => {
      const { json } = await readJson(c, service.limits);
      refuseUnsupported(json);
      return answer(service, c, parseWith(schema, json, "request"));
    });
  post("/completions", completionsSchema, completions);
  post("/chat/completions", chatSchema, chatCompletions);
  post("/responses", responsesSchema, responses);
  return app;
}

const TYPES: Readonly<Record<number, string>> = {
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  429: "rate_limit_error",
  500: "server_error",
};

/** An error in OpenAI's form. */
export function openaiError(status: number, message: string) {
  const code = status === 401 ? "invalid_api_key" : status === 404 ? "not_found" : null;
  return { error: { message, type: TYPES[status] ?? "invalid_request_error", param: null, code } };
}
