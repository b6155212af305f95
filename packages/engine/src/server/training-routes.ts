import { UsageError } from "@pka/core";
import {
  createModelRequestSchema,
  loadWeightsRequestSchema,
  modelRequestSchema,
  optimStepRequestSchema,
  saveWeightsForSamplerRequestSchema,
  saveWeightsRequestSchema,
  weightsInfoRequestSchema,
  type WeightsInfoResponse,
} from "@pka/tinker/wire";
import { type Context, Hono } from "hono";
import { z } from "zod";
import type { Result } from "./futures.js";
import { readPassRequest } from "./pass-request.js";
import { readBody } from "./read-body.js";
import { readChecked } from "./read-json.js";
import type { Service } from "./service.js";

/** A field of newer clients. */
const overwriteSchema = saveWeightsForSamplerRequestSchema.extend({ overwrite: z.boolean().default(false) });

/** Models, their training and their checkpoints. Slow calls answer with a request id at once. */
export function trainingRoutes({ models, samplers, store, limits }: Service): Hono {
  const app = new Hono();
  const accepted = (c: Context, requestId: string): Response => c.json({ request_id: requestId });
  const json = (body: object): Result => ({ kind: "json", body });

  app.post("/create_model", async (c) => {
    const { bytes, body } = await readChecked(c, createModelRequestSchema, limits);
    return accepted(c, models.create(body, bytes));
  });

  app.post("/get_info", async (c) => {
    const { body } = await readChecked(c, modelRequestSchema, limits);
    const { baseModel, loraRank } = models.get(body.model_id).run;
    return c.json({
      type: "get_info",
      model_id: body.model_id,
      model_data: { arch: "pka-engine", model_name: baseModel, tokenizer_id: baseModel },
      is_lora: true,
      lora_rank: loraRank,
      model_name: baseModel,
    });
  });

  app.post("/unload_model", async (c) => {
    const { bytes, body } = await readChecked(c, modelRequestSchema, limits);
    const id = body.model_id;
    const requestId = models.get(id).queue.submit(undefined, bytes, async () => {
      models.unload(id);
      return json({ type: "unload_model", model_id: id });
    });
    return accepted(c, requestId);
  });

  for (const path of ["/forward", "/forward_backward"]) {
    app.post(path, async (c) => {
      const bytes = await readBody(c, limits);
      const isProtobuf = c.req.header("content-type")?.includes("protobuf") ?? false;
      const pass = readPassRequest(bytes, isProtobuf);
      const model = models.get(pass.modelId);
      const requestId = model.queue.submit(pass.seqId, bytes, async () => {
        const output = await model.forwardBackward(() => {
          if ("error" in pass) throw pass.error;
          return { ...pass.request, forwardOnly: pass.request.forwardOnly || path === "/forward" };
        });
        return { kind: "forward_backward", output };
      });
      return accepted(c, requestId);
    });
  }

  app.post("/optim_step", async (c) => {
    const { bytes, body } = await readChecked(c, optimStepRequestSchema, limits);
    const model = models.get(body.model_id);
    const step = async () => json({ type: "optim_step", metrics: await model.optimStep(body) });
    return accepted(c, model.queue.submit(body.seq_id ?? undefined, bytes, step));
  });

  app.post("/save_weights", async (c) => {
    const { bytes, body } = await readChecked(c, saveWeightsRequestSchema, limits);
    const model = models.get(body.model_id);
    const save = async () => {
      if (!body.path) throw new UsageError("save_weights needs path, the checkpoint's name");
      const options = {
        ttlSeconds: body.ttl_seconds ?? null,
        overwrite: body.overwrite,
        userMetadata: body.user_metadata ?? {},
      };
      return json({ type: "save_weights", path: await model.save("weights", body.path, options) });
    };
    return accepted(c, model.queue.submit(body.seq_id ?? undefined, bytes, save));
  });

  app.post("/save_weights_for_sampler", async (c) => {
    const { bytes, body } = await readChecked(c, overwriteSchema, limits);
    const model = models.get(body.model_id);
    const { path: name, sampling_session_seq_id: number, kind } = body;
    const save = async () => {
      const type = "save_weights_for_sampler";
      if (kind && kind !== "snapshot") {
        throw new UsageError(`kind "${kind}" is not implemented by this server: samplers are snapshots`);
      }
      if (name) {
        const options = {
          ttlSeconds: body.ttl_seconds ?? null,
          overwrite: body.overwrite,
          userMetadata: body.user_metadata ?? {},
        };
        return json({ type, path: await model.save("sampler_weights", name, options) });
      }
      if (number === null || number === undefined)
        throw new UsageError(`${type} needs path or sampling_session_seq_id`);
      return json({ type, sampling_session_id: await samplers.createEphemeral(model, number) });
    };
    return accepted(c, model.queue.submit(body.seq_id ?? undefined, bytes, save));
  });

  app.post("/load_weights", async (c) => {
    const { bytes, body } = await readChecked(c, loadWeightsRequestSchema, limits);
    const { model_id: id, path, optimizer } = body;
    if (!id) return accepted(c, models.createFrom(body, bytes));
    const model = models.get(id);
    const load = async () => {
      await model.load(path, { optimizer });
      return json({ type: "load_weights", path, model_id: id });
    };
    return accepted(c, model.queue.submit(body.seq_id ?? undefined, bytes, load));
  });

  app.post("/weights_info", async (c) => {
    const { body } = await readChecked(c, weightsInfoRequestSchema, limits);
    const run = store.run(store.checkpoint(body.tinker_path).runId);
    return c.json({
      base_model: run.baseModel,
      is_lora: true,
      lora_rank: run.loraRank,
      // The output matrix is the embedding, which has no adapter.
      train_unembed: false,
      train_mlp: run.trainMlp,
      train_attn: run.trainAttn,
    } satisfies WeightsInfoResponse);
  });

  return app;
}
