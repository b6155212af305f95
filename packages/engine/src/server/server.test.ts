import { request } from "node:http";
import { gzipSync } from "node:zlib";
import { compress, init as initZstd } from "@bokuweb/zstd-wasm";
import { beforeAll, describe, expect, test } from "vitest";
import { call, pass, result, startModel, startServer, step } from "../testing/start-server.js";
import { serve } from "./index.js";

beforeAll(() => initZstd());

describe("keys", () => {
  test("with a key, requests need it, as X-API-Key or bearer; health needs none", async () => {
    const server = await startServer({ apiKey: "tml-right" });
    const ask = async (headers: Record<string, string>) =>
      (await call(server, "/client/config", { sdk_version: "0" }, { headers })).status;
    expect(await ask({})).toBe(401);
    expect(await ask({ "x-api-key": "tml-wrong" })).toBe(401);
    expect(await ask({ "x-api-key": "tml-right" })).toBe(200);
    expect(await ask({ authorization: "Bearer tml-right" })).toBe(200);
    expect(await call(server, "/healthz")).toEqual({ status: 200, json: { status: "ok" } });
    const refused = await fetch(`${server.url}/v1/models`);
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ error: { type: "authentication_error", code: "invalid_api_key" } });
  });

  test("without a key, pages in a browser and names that point here are refused", async () => {
    const server = await startServer();
    const { port } = new URL(server.url);
    const statusFor = (headers: Record<string, string>) =>
      new Promise((resolve, reject) => {
        const sent = request({ host: "127.0.0.1", port, path: "/v1/models", headers }, ({ statusCode }) =>
          resolve(statusCode),
        );
        sent.on("error", reject).end();
      });
    expect(await statusFor({})).toBe(200);
    expect(await statusFor({ origin: "http://localhost:3000" })).toBe(200);
    expect(await statusFor({ origin: "https://example.com" })).toBe(403);
    expect(await statusFor({ host: `rebound.example:${port}` })).toBe(403);
  });

  test.each([
    [{ apiKey: "sk-other" }, "must begin with tml-"],
    [{ host: "0.0.0.0" }, "give it an API key"],
  ])("%j is refused", async (options, message) => {
    await expect(serve({ dataDir: "unused", ...options })).rejects.toThrow(message);
  });

  test("an address that is taken is a usage error", async () => {
    const { url, dataDir } = await startServer();
    await expect(serve({ dataDir, port: Number(new URL(url).port) })).rejects.toMatchObject({ code: "usage" });
  });
});

describe("bodies", () => {
  const body = (modelId: string) => new TextEncoder().encode(JSON.stringify(pass(modelId, 1)));

  test.each([
    ["zstd", (bytes: Uint8Array) => compress(bytes)],
    ["gzip", (bytes: Uint8Array) => gzipSync(bytes)],
  ])("are read as %s too", async (encoding, pack) => {
    const server = await startServer();
    const { modelId } = await startModel(server);
    const init = { headers: { "content-encoding": encoding } };
    const packed = new Uint8Array(pack(body(modelId)));
    expect(await result(server, await call(server, "/forward_backward", packed, init))).toHaveProperty("metrics");
    expect(await call(server, "/forward_backward", packed.slice(0, -9), init)).toMatchObject({ status: 400 });
  });

  test("above a limit are refused, before and after decompression", async () => {
    const server = await startServer({ maxBodyBytes: 10_000, maxDecompressedBytes: 100_000 });
    const post = (bytes: Uint8Array, encoding = "identity") =>
      call(server, "/create_session", new Uint8Array(bytes), { headers: { "content-encoding": encoding } });
    const zeros = new Uint8Array(20_000_000);
    expect(await post(new Uint8Array(10_001))).toMatchObject({ status: 413 });
    expect(await post(compress(zeros), "zstd")).toMatchObject({ status: 413 });
    expect(await post(gzipSync(zeros.subarray(0, 1_000_000)), "gzip")).toMatchObject({ status: 413 });
    expect(await post(new Uint8Array(1), "snappy")).toMatchObject({ status: 415 });
    expect(await post(new TextEncoder().encode("{}"))).toMatchObject({ status: 200 });
  });

  test("that grow past the limit without saying how long they are are refused as well", async () => {
    const server = await startServer({ maxBodyBytes: 10_000 });
    const endless = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 20; i++) controller.enqueue(new Uint8Array(1000));
        controller.close();
      },
    });
    const response = await fetch(`${server.url}/api/v1/create_session`, {
      method: "POST",
      body: endless,
      duplex: "half",
    });
    expect(response.status).toBe(413);
  });
});

describe("results", () => {
  test("are polled: 408 while they are missing, the same again and again when they are there, 404 and 410 else", async () => {
    const server = await startServer({ pollHoldMs: 20 });
    const { modelId } = await startModel(server);
    const early = await call(server, "/forward_backward", pass(modelId, 2));
    const poll = (request_id: string) => call(server, "/retrieve_future", { request_id, allow_metadata_only: true });
    expect(await poll(early.json.request_id)).toEqual({
      status: 408,
      json: { type: "try_again", request_id: early.json.request_id, queue_state: "active" },
    });
    await call(server, "/optim_step", step(modelId, 1));
    const done = await result(server, early);
    expect((await poll(early.json.request_id)).json).toEqual(done);
    expect(await poll("nothing")).toMatchObject({ status: 404 });
    expect(await poll("00000000.1")).toMatchObject({ status: 410 });
  });

  test("a poll is answered as soon as the result is there", async () => {
    const server = await startServer({ pollHoldMs: 600_000 });
    const { modelId } = await startModel(server);
    const early = await call(server, "/forward_backward", pass(modelId, 2));
    const polled = result(server, early);
    await call(server, "/optim_step", step(modelId, 1));
    expect(await polled).toHaveProperty("metrics");
  });

  test("closing the server carries out what was submitted, and fails what waits for a missing request", async () => {
    const server = await startServer({ pollHoldMs: 600_000 });
    const { modelId } = await startModel(server);
    const early = await call(server, "/forward_backward", pass(modelId, 3));
    const waiting = result(server, early);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await call(server, "/save_weights", { model_id: modelId, path: "a", seq_id: 1 });
    await server.close();
    expect(await waiting).toEqual({ error: expect.stringContaining("the server stopped"), category: "server" });
    const after = await startServer({ dataDir: server.dataDir });
    expect((await call(after, "/checkpoints")).json.checkpoints).toMatchObject([{ checkpoint_id: "weights/a" }]);
  });

  test("a cancelled request ends", async () => {
    const server = await startServer({ pollHoldMs: 600_000 });
    const { modelId } = await startModel(server);
    const early = await call(server, "/forward_backward", pass(modelId, 2));
    expect(await call(server, "/cancel_future", early.json)).toMatchObject({ status: 204 });
    expect(await result(server, early)).toMatchObject({ error: "cancelled" });
    expect(await call(server, "/cancel_future", { request_id: "nothing" })).toMatchObject({ status: 404 });
  });
});

describe("a restart", () => {
  test("keeps runs, checkpoints, sessions and samplers of checkpoints; what was only in memory is gone and says so", async () => {
    const before = await startServer();
    const { sessionId, modelId } = await startModel(before, { user_metadata: { purpose: "test" } });
    await result(before, await call(before, "/forward_backward", pass(modelId, 1)));
    const stepped = await call(before, "/optim_step", step(modelId, 2));
    await result(before, stepped);
    await result(before, await call(before, "/save_weights", { model_id: modelId, path: "a", seq_id: 3 }));
    await result(before, await call(before, "/save_weights_for_sampler", { model_id: modelId, path: "s", seq_id: 4 }));
    const ephemeral = { model_id: modelId, sampling_session_seq_id: 0, seq_id: 5 };
    const { sampling_session_id } = await result(before, await call(before, "/save_weights_for_sampler", ephemeral));
    const model_path = `tinker://${modelId}/sampler_weights/s`;
    const sampler = { session_id: sessionId, sampling_session_seq_id: 1, model_path };
    const opened = await call(before, "/create_sampling_session", sampler);
    const prompt = { chunks: [{ type: "encoded_text", tokens: [261] }] };
    const sample = (id: string, seq_id: number) => ({
      sampling_session_id: id,
      seq_id,
      num_samples: 1,
      prompt,
      sampling_params: { max_tokens: 4, seed: 5 },
    });
    const drawn = await result(before, await call(before, "/asample", sample(opened.json.sampling_session_id, 0)));
    const listed = [(await call(before, "/checkpoints")).json, (await call(before, `/sessions/${sessionId}`)).json];
    const forward = { ...pass(modelId, 6), forward_input: pass(modelId, 6).forward_backward_input };
    const logprobs = (await result(before, await call(before, "/forward", forward))).loss_fn_outputs;
    await before.close();

    const after = await startServer({ dataDir: before.dataDir });
    const relisted = [(await call(after, "/checkpoints")).json, (await call(after, `/sessions/${sessionId}`)).json];
    expect(relisted[0]).toEqual(listed[0]);
    expect(relisted[1].training_run_ids).toEqual([modelId]);
    expect((await call(after, `/training_runs/${modelId}`)).json).toMatchObject({
      base_model: "tiny-base",
      lora_rank: 4,
      user_metadata: { purpose: "test" },
      last_checkpoint: { checkpoint_id: "weights/a" },
    });
    expect(await result(after, await call(after, "/asample", sample(opened.json.sampling_session_id, 1)))).toEqual(
      drawn,
    );
    expect(await call(after, "/asample", sample(sampling_session_id, 0))).toMatchObject({ status: 410 });
    expect(await call(after, "/forward_backward", pass(modelId, 7))).toEqual({
      status: 410,
      json: { detail: expect.stringContaining("create a model from its last checkpoint") },
    });
    expect(await call(after, "/retrieve_future", stepped.json)).toMatchObject({ status: 410 });

    // Training goes on from the checkpoint.
    const path = `tinker://${modelId}/weights/a`;
    const load = { session_id: sessionId, model_seq_id: 1, path, optimizer: true };
    const { model_id: next } = await result(after, await call(after, "/load_weights", load));
    expect(next).toBe(`${sessionId}:train:1`);
    const again = { ...pass(next, 1), forward_input: pass(next, 1).forward_backward_input };
    expect((await result(after, await call(after, "/forward", again))).loss_fn_outputs).toEqual(logprobs);
  });
});

test("health, configuration, capabilities, telemetry and the end of a session", async () => {
  const server = await startServer();
  expect((await call(server, "/client/config", { sdk_version: "0.38.0", news: 1 })).json).toMatchObject({
    pjwt_auth_enabled: false,
    parallel_fwdbwd_chunks: true,
  });
  expect((await call(server, "/client/dynamic_config", {})).json).toMatchObject({ refresh_interval_sec: 300 });
  const { supported_models } = (await call(server, "/get_server_capabilities")).json;
  // Without a harmony tokenizer there is no stand-in for gpt-oss.
  expect(supported_models).toEqual([
    { model_name: "tiny", max_context_length: 2048 },
    { model_name: "tiny-base", max_context_length: 2048 },
  ]);
  expect((await call(server, "/telemetry", { events: [{}] })).json).toEqual({ status: "accepted" });
  const { session_id } = (await call(server, "/create_session", { tags: ["a"] })).json;
  expect((await call(server, "/session_heartbeat", { session_id })).json).toEqual({ type: "session_heartbeat" });
  const finish = (type: string) => call(server, `/sessions/${session_id}/finish`, { reason: { type } });
  expect((await finish("success")).json).toMatchObject({ reason: "success" });
  expect((await finish("errored")).json).toMatchObject({ reason: "success" });
  expect(await call(server, "/session_heartbeat", { session_id })).toMatchObject({ status: 410 });
});
