import { describe, expect, test } from "vitest";
import { call, pass, result, startModel, startServer, step } from "../testing/start-server.js";

describe("order", () => {
  test("requests are carried out by number, whatever order they arrive in", async () => {
    const server = await startServer();
    const [one, two] = [await startModel(server), await startModel(server)];
    const inOrder = [
      await result(server, await call(server, "/forward_backward", pass(one.modelId, 1))),
      await result(server, await call(server, "/optim_step", step(one.modelId, 2))),
      await result(server, await call(server, "/forward_backward", pass(one.modelId, 3))),
    ];
    const third = await call(server, "/forward_backward", pass(two.modelId, 3));
    const second = await call(server, "/optim_step", step(two.modelId, 2));
    const first = await call(server, "/forward_backward", pass(two.modelId, 1));
    const anyOrder = [await result(server, first), await result(server, second), await result(server, third)];
    expect(anyOrder).toEqual(inOrder);
    expect(inOrder[2].metrics["loss:sum"]).toBeLessThan(inOrder[0].metrics["loss:sum"]);
  });

  test("a missing number fails those behind it after a while; when it comes at last, the rest goes on", async () => {
    const server = await startServer({ gapTimeoutMs: 50 });
    const { modelId } = await startModel(server);
    const second = await result(server, await call(server, "/forward_backward", pass(modelId, 2)));
    expect(second).toEqual({ error: "seq_id 1 never came, so seq_id 2 was not carried out", category: "server" });
    const first = await result(server, await call(server, "/forward_backward", pass(modelId, 1)));
    const third = await result(server, await call(server, "/forward_backward", pass(modelId, 3)));
    expect(third.metrics).toEqual(first.metrics);
  });

  test("the same submit twice is one request, and another one under its number is refused", async () => {
    const server = await startServer();
    const [once, twice] = [await startModel(server), await startModel(server)];
    await result(server, await call(server, "/forward_backward", pass(once.modelId, 1)));
    const first = await call(server, "/forward_backward", pass(twice.modelId, 1));
    expect((await call(server, "/forward_backward", pass(twice.modelId, 1))).json).toEqual(first.json);
    const other = await call(server, "/forward_backward", pass(twice.modelId, 1, [261, 262]));
    expect(other).toEqual({
      status: 400,
      json: { detail: "seq_id 1 was already used for another request; every request needs its own" },
    });
    // The gradient is that of one pass.
    const norms = [];
    for (const { modelId } of [once, twice]) {
      norms.push((await result(server, await call(server, "/optim_step", step(modelId, 2)))).metrics.grad_norm);
    }
    expect(norms[0]).toBe(norms[1]);
  });
});

describe("requests without a number", () => {
  const keyed = (key: string, method = "POST") => ({ method, headers: { "x-idempotency-key": key } });

  test("twice under one key, also at once, are one request", async () => {
    const server = await startServer();
    const { modelId } = await startModel(server);
    const session = () => call(server, "/create_session", { tags: [] }, keyed("a"));
    const [first, second] = await Promise.all([session(), session()]);
    expect(second).toEqual(first);
    expect(await session()).toEqual(first);
    expect((await call(server, "/create_session", { tags: [] }, keyed("b"))).json).not.toEqual(first.json);

    await result(server, await call(server, "/save_weights", { model_id: modelId, path: "a", seq_id: 1 }));
    const path = `/training_runs/${modelId}/checkpoints/weights/a`;
    const remove = (key: string) => call(server, path, undefined, keyed(key, "DELETE"));
    expect(await Promise.all([remove("c"), remove("c")])).toMatchObject([{ status: 204 }, { status: 204 }]);
    expect(await remove("d")).toMatchObject({ status: 404 });

    const unload = (key: string) => call(server, "/unload_model", { model_id: modelId }, keyed(key));
    const done = await unload("e");
    expect(await result(server, done)).toMatchObject({ type: "unload_model" });
    expect(await unload("e")).toEqual(done);
    expect(await unload("f")).toMatchObject({ status: 410 });
  });

  test("what failed is carried out anew", async () => {
    const server = await startServer();
    expect(await call(server, "/create_session", "{", keyed("a"))).toMatchObject({ status: 422 });
    expect(await call(server, "/create_session", { tags: [] }, keyed("a"))).toMatchObject({ status: 200 });
  });
});

describe("what cannot be", () => {
  const floats = (...data: unknown[]) => ({ data, dtype: "float32", shape: [data.length] });
  const one = (over: object) => ({ forward_backward_input: { ...pass("", 1).forward_backward_input, ...over } });
  const [datum] = pass("", 1).forward_backward_input.data;

  test.each([
    ["weights of another length", pass("", 1, undefined, { weights: floats(1) }), "data[0].weights has the shape [1]"],
    [
      "a weight that is no number",
      pass("", 1, undefined, { weights: floats(1, null, 1) }),
      "data[0].weights[1] is NaN",
    ],
    ["an unknown token", pass("", 1, [1, 99_999]), "99999 is not a token id"],
    ["an array that the loss ignores", pass("", 1, undefined, { mask: floats(1, 1, 1) }), "data[0].mask is not used"],
    ["an empty batch", one({ data: [] }), "data is empty"],
    ["an unknown loss", one({ loss_fn: "hinge" }), 'unknown loss_fn "hinge"'],
    ["a policy loss without logprobs", one({ loss_fn: "ppo" }), "data[0].logprobs is missing"],
    ["dro without beta", one({ loss_fn: "dro" }), "dro needs loss_fn_config.beta"],
    ["an unknown setting", one({ loss_fn_config: { clip: 1 } }), "loss_fn_config.clip is not known to cross_entropy"],
    [
      "a tensor that contradicts itself",
      pass("", 1, undefined, { weights: { data: [1], dtype: "float32", shape: [3] } }),
      "does not hold 1 elements",
    ],
    [
      "an image",
      one({ data: [{ ...datum, model_input: { chunks: [{ type: "image", data: "aaaa", format: "png" }] } }] }),
      "something else than text",
    ],
  ])("%s fails as the user's, adds no gradient and does not hold up what follows", async (_, body, message) => {
    const server = await startServer();
    const { modelId } = await startModel(server);
    const failed = await result(
      server,
      await call(server, "/forward_backward", { ...body, model_id: modelId, seq_id: 1 }),
    );
    expect(failed).toEqual({ error: expect.stringContaining(message), category: "user" });
    const early = await result(server, await call(server, "/optim_step", step(modelId, 2)));
    expect(early).toEqual({ error: expect.stringContaining("there is no gradient"), category: "user" });
    expect(await result(server, await call(server, "/forward_backward", pass(modelId, 3)))).toHaveProperty("metrics");
  });

  test("unknown models, sessions and checkpoints are 404, with the nearest name", async () => {
    const server = await startServer();
    const { sessionId, modelId } = await startModel(server);
    expect(await call(server, "/forward_backward", pass("nobody", 1))).toMatchObject({ status: 404 });
    expect(await call(server, "/session_heartbeat", { session_id: "nobody" })).toMatchObject({ status: 404 });
    const near = { session_id: sessionId, model_seq_id: 5, base_model: "tiny-bas" };
    const { error } = await result(server, await call(server, "/create_model", near));
    expect(error).toContain('there is no base model "tiny-bas"; did you mean tiny-base?');
    const path = `tinker://${modelId}/weights/none`;
    expect(await call(server, "/weights_info", { tinker_path: path })).toMatchObject({ status: 404 });
    const sampler = { session_id: sessionId, sampling_session_seq_id: 0, model_path: path };
    expect(await call(server, "/create_sampling_session", sampler)).toMatchObject({ status: 404 });
    expect(await call(server, "/weights_info", { tinker_path: "tinker://a/b" })).toMatchObject({
      status: 400,
      json: { detail: expect.stringContaining("is no checkpoint path") },
    });
    expect(await call(server, "/nothing", {})).toMatchObject({ status: 404 });
  });

  test("a body that is no JSON, or lacks a field, is 422 and names it", async () => {
    const server = await startServer();
    expect(await call(server, "/create_session", "{")).toMatchObject({ status: 422 });
    expect(await call(server, "/create_model", { session_id: "s" })).toEqual({
      status: 422,
      json: { detail: expect.stringContaining("model_seq_id") },
    });
    const body = new Uint8Array([255, 255, 255]);
    const init = { headers: { "content-type": "application/x-protobuf" } };
    expect(await call(server, "/forward_backward", body, init)).toMatchObject({ status: 422 });
  });
});

describe("checkpoints", () => {
  test("of another rank or base model, and those for sampling, are not loaded; nothing changes", async () => {
    const server = await startServer();
    const { sessionId, modelId } = await startModel(server);
    await result(server, await call(server, "/save_weights", { model_id: modelId, path: "a", seq_id: 1 }));
    await result(server, await call(server, "/save_weights_for_sampler", { model_id: modelId, path: "s", seq_id: 2 }));
    const other = async (number: number, model: object, path: string) => {
      const created = { session_id: sessionId, model_seq_id: number, base_model: "tiny-base", ...model };
      const { model_id: id } = await result(server, await call(server, "/create_model", created));
      const load = { model_id: id, seq_id: 1, path: `tinker://${modelId}/${path}`, optimizer: true };
      return result(server, await call(server, "/load_weights", load));
    };
    expect(await other(1, { lora_config: { rank: 8 } }, "weights/a")).toEqual({
      error: expect.stringContaining("has rank 4 and alpha 32, and this client has rank 8"),
      category: "user",
    });
    const tiny = await other(2, { base_model: "tiny", lora_config: { rank: 4 } }, "weights/a");
    expect(tiny.error).toContain("is a checkpoint of tiny-base, and this model is tiny");
    expect((await other(3, { lora_config: { rank: 4 } }, "sampler_weights/s")).error).toContain("for sampling only");
    expect((await other(4, { lora_config: { rank: 4 } }, "weights/b")).error).toContain("there is no checkpoint");
  });

  test("a name is taken until it is overwritten; impossible names are refused", async () => {
    const server = await startServer();
    const { modelId } = await startModel(server);
    const save = async (seq_id: number, over: object = {}) =>
      result(server, await call(server, "/save_weights", { model_id: modelId, path: "a", seq_id, ...over }));
    expect(await save(1)).toEqual({ type: "save_weights", path: `tinker://${modelId}/weights/a` });
    expect(await save(2)).toEqual({ error: expect.stringContaining("exists already"), category: "user" });
    expect(await save(3, { overwrite: true })).toHaveProperty("path");
    expect(await save(4, { path: "../a" })).toMatchObject({ category: "user" });
    expect(await save(5, { path: "b", ttl_seconds: 0 })).toMatchObject({ category: "user" });
    expect((await call(server, "/checkpoints")).json.checkpoints).toHaveLength(1);
  });

  test("one whose time is over is gone", async () => {
    const server = await startServer();
    const { modelId } = await startModel(server);
    await result(server, await call(server, "/save_weights", { model_id: modelId, path: "a", seq_id: 1 }));
    const ttl = `/training_runs/${modelId}/checkpoints/weights/a/ttl`;
    const put = (ttl_seconds: number | null) => call(server, ttl, { ttl_seconds }, { method: "PUT" });
    expect(await put(-1)).toMatchObject({ status: 400 });
    expect(await put(1)).toMatchObject({ status: 204 });
    expect((await call(server, "/checkpoints")).json.checkpoints[0].expires_at).toMatch(/^\d{4}-/);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect((await call(server, "/checkpoints")).json.checkpoints).toEqual([]);
    expect(await put(1)).toMatchObject({ status: 404 });
  });

  test("K targets at each position count as K datums, dense or sparse", async () => {
    const server = await startServer();
    const { modelId } = await startModel(server);
    const tokens = [261, 300, 301];
    const forward = async (seq_id: number, inputs: object) => {
      const { forward_backward_input: input, ...rest } = pass(modelId, seq_id, [...tokens, 0], inputs);
      return result(server, await call(server, "/forward", { ...rest, forward_input: input }));
    };
    const ids = (...data: number[]) => ({ data, dtype: "int64", shape: [3] });
    const [left, right] = [
      await forward(1, { target_tokens: ids(300, 301, 260), weights: floats(1, 0, 2) }),
      await forward(2, { target_tokens: ids(5, 6, 7), weights: floats(0.5, 0, 0) }),
    ];
    const target_tokens = { data: [300, 5, 301, 6, 260, 7], dtype: "int64", shape: [3, 2] };
    const dense = await forward(3, {
      target_tokens,
      weights: { data: [1, 0.5, 0, 0, 2, 0], dtype: "float32", shape: [3, 2] },
    });
    const sparse = await forward(4, {
      target_tokens,
      weights: {
        data: [1, 0.5, 2],
        dtype: "float32",
        shape: [3, 2],
        sparse_crow_indices: [0, 2, 2, 3],
        sparse_col_indices: [0, 1, 0],
      },
    });
    expect(sparse).toEqual(dense);
    expect(dense.metrics["loss:sum"]).toBeCloseTo(left.metrics["loss:sum"] + right.metrics["loss:sum"], 5);
    const [a, b] = [left, right].map((output) => output.loss_fn_outputs[0].logprobs.data);
    expect(dense.loss_fn_outputs[0].logprobs).toEqual({
      data: [a[0], b[0], a[1], b[1], a[2], b[2]],
      dtype: "float32",
      shape: [3, 2],
    });
  });

  const floats = (...data: number[]) => ({ data, dtype: "float32", shape: [data.length] });
});

test("only what has an adapter is trained", async () => {
  const server = await startServer();
  const { sessionId } = await startModel(server);
  const create = async (number: number, flags: object) => {
    const lora_config = { rank: 4, seed: 1, ...flags };
    const body = { session_id: sessionId, model_seq_id: number, base_model: "tiny-base", lora_config };
    return result(server, await call(server, "/create_model", body));
  };
  const { error } = await create(1, { train_attn: false, train_mlp: false });
  expect(error).toContain("nothing would be trained");
  const { model_id: id } = await create(2, { train_attn: false });
  await result(server, await call(server, "/save_weights", { model_id: id, path: "a", seq_id: 1 }));
  const info = await call(server, "/weights_info", { tinker_path: `tinker://${id}/weights/a` });
  expect(info.json).toEqual({
    base_model: "tiny-base",
    is_lora: true,
    lora_rank: 4,
    train_unembed: false,
    train_mlp: true,
    train_attn: false,
  });
});
