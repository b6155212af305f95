import {
  cancelFutureRequestSchema,
  createSamplingSessionRequestSchema,
  decodeSampleRequest,
  encodeForwardBackwardOutput,
  encodeSampleResponse,
  forwardBackwardOutputToJson,
  retrieveFutureRequestSchema,
  sampleResponseToJson,
  type TryAgainResponse,
} from "@pka/tinker/wire";
import { type Context, Hono } from "hono";
import { z } from "zod";
import { ApiError } from "./api-error.js";
import type { Result } from "./futures.js";
import { readChecked, readJson } from "./read-json.js";
import type { Service } from "./service.js";

const PROTOBUF = "application/x-protobuf";

/** Sampling sessions, samples, and the results of all slow calls. */
export function samplingRoutes({ samplers, futures, limits, pollHoldMs }: Service): Hono {
  const app = new Hono();

  app.post("/create_sampling_session", async (c) => {
    const { bytes, body } = await readChecked(c, createSamplingSessionRequestSchema, limits);
    const { session_id: sessionId, sampling_session_seq_id: number, base_model, model_path } = body;
    const wanted = { sessionId, number, baseModel: base_model ?? undefined, modelPath: model_path ?? undefined };
    return c.json({ type: "create_sampling_session", sampling_session_id: await samplers.create(wanted, bytes) });
  });

  app.post("/join_sampling_session", async (c) => {
    const { body } = await readChecked(c, z.object({ sampling_session_id: z.string() }), limits);
    return c.json({ client_counter: ++samplers.get(body.sampling_session_id).numJoined });
  });

  app.get("/samplers/:id", (c) => {
    const id = c.req.param("id");
    const { baseModel, modelPath } = samplers.get(id);
    return c.json({ sampler_id: id, base_model: baseModel, model_path: modelPath });
  });

  app.post("/asample", async (c) => {
    const { bytes, json } = await readJson(c, limits);
    const mayRefuse = c.req.header("x-tinker-sampling-backpressure") !== undefined;
    return c.json(samplers.submit(decodeSampleRequest(json), bytes, mayRefuse));
  });

  app.post("/retrieve_future", async (c) => {
    const { body } = await readChecked(c, retrieveFutureRequestSchema, limits);
    const result = await futures.wait(body.request_id, pollHoldMs);
    if (result === "unknown") throw new ApiError(404, `there is no request "${body.request_id}"`);
    if (result === "lost") throw new ApiError(410, `the result of request "${body.request_id}" is gone`);
    if (result === "pending") {
      const pending: TryAgainResponse = { type: "try_again", request_id: body.request_id, queue_state: "active" };
      return c.json(pending, 408);
    }
    return reply(c, result);
  });

  app.post("/cancel_future", async (c) => {
    const { body } = await readChecked(c, cancelFutureRequestSchema, limits);
    if (!futures.cancel(body.request_id)) throw new ApiError(404, `there is no request "${body.request_id}"`);
    return c.body(null, 204);
  });

  return app;
}

/** Protobuf where there is one and the client takes it, else JSON. A failure is JSON with status 200. */
function reply(c: Context, result: Result): Response {
  const isBinary = c.req.header("accept")?.includes(PROTOBUF) ?? false;
  const bytes = (body: Uint8Array<ArrayBuffer>): Response => c.body(body, 200, { "content-type": PROTOBUF });
  switch (result.kind) {
    case "failed":
      return c.json(result.failure);
    case "json":
      return c.json(result.body);
    case "forward_backward":
      return isBinary
        ? bytes(encodeForwardBackwardOutput(result.output))
        : c.json(forwardBackwardOutputToJson(result.output));
    default:
      return isBinary ? bytes(encodeSampleResponse(result.response)) : c.json(sampleResponseToJson(result.response));
  }
}
