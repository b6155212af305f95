import type { Datum } from "@pka/core";
import { freePort, quickClock } from "@pka/fault-kit";
import { expect, test, vi } from "vitest";
import { TinkerError, TinkerResultLostError, TrainingInterruptedError } from "./errors.js";
import { API_KEY, openClient } from "./testing/open-client.js";
import type { Fault, StubAnswer, StubOptions } from "./testing/stub-types.js";
import { startTinkerStub } from "./testing/tinker-stub.js";
import { TinkerClient } from "./tinker-client.js";

const DATUM: Datum = { tokens: [1, 2, 3], targetTokens: [2, 3, 4] };
const HTML = "<html><body>Bad gateway</body></html>";
const ALL = ["1 forward_backward 2", "2 forward_backward 1", "3 optim_step", "4 save_weights"];

/** A training step in two chunks, a checkpoint and a sample. */
async function trainAndSample(options: StubOptions) {
  const stub = await startTinkerStub({ config: { fwdbwd_max_chunk_len: 2 }, ...options });
  const client = openClient(stub);
  const training = await client.createLoraTrainingClient({ baseModel: "stub/base" });
  const [pass] = await Promise.all([
    training.forwardBackward([DATUM, DATUM, DATUM], "cross_entropy"),
    training.optimStep({ learningRate: 1 }),
    training.saveState("a"),
  ]);
  const sampler = await client.createSamplingClient({ baseModel: "stub/base" });
  const logprobs = await sampler.computeLogprobs([1, 2]);
  return { stub, pass, logprobs };
}

/** Replies of a server that was understood before. */
const UNDERSTOOD = [
  "/create_session",
  "/create_model",
  "/forward_backward",
  "/optim_step",
  "/asample",
  "/save_weights",
];
const SUBMITS = ["/client/config", "/create_session", "/create_model", "/forward_backward", "/optim_step", "/asample"];

// Every first request to a path meets the fault, and so does every second poll; of those that cost a whole deadline, one.
function isHit(nth: number, fault: Fault): boolean {
  return "hang" in fault ? nth === 1 : nth % 2 === 1;
}

test.each<{ name: string; fault: Fault; paths?: string[] }>([
  { name: "dropped before it was carried out", fault: { drop: "before" } },
  { name: "dropped after it was carried out", fault: { drop: "after" } },
  { name: "cut in the middle of the answer", fault: { cut: true } },
  { name: "late", fault: { delayMs: 300 } },
  { name: "500", fault: { instead: { status: 500, text: HTML } } },
  { name: "502 with a web page", fault: { instead: { status: 502, text: HTML } } },
  { name: "503", fault: { instead: { status: 503, json: { detail: "starting" } } } },
  { name: "429", fault: { instead: { status: 429, headers: { "retry-after": "1" }, json: { detail: "busy" } } } },
  { name: "408", fault: { instead: { status: 408, json: { detail: "timeout" } } } },
  { name: "409", fault: { instead: { status: 409, json: { detail: "locked" } } }, paths: SUBMITS },
  { name: "402, and somebody pays", fault: { instead: { status: 402, json: { detail: "no credit" } } } },
  { name: "an empty 400 of a proxy", fault: { instead: { status: 400 } }, paths: SUBMITS },
  {
    name: "a web page with status 200",
    fault: { instead: { text: HTML } },
    paths: UNDERSTOOD,
  },
  {
    name: "not compressed as it says",
    fault: { instead: { text: HTML, headers: { "content-encoding": "gzip" } } },
    paths: UNDERSTOOD,
  },
  { name: "JSON of another shape", fault: { instead: { json: { ok: true } } }, paths: UNDERSTOOD },
  { name: "never answered", fault: { hang: true }, paths: ["/forward_backward", "/retrieve_future"] },
])("$name: everything is applied once, in order", { timeout: 60_000 }, async ({ fault, paths }) => {
  const seen = paths ?? [...SUBMITS, "/save_weights", "/create_sampling_session", "/retrieve_future"];
  const { stub, pass, logprobs } = await trainAndSample({
    fault: ({ path }, nth) =>
      seen.includes(path) && (path === "/retrieve_future" ? isHit(nth, fault) : nth === 0) ? fault : undefined,
  });
  expect(stub.applied).toEqual(ALL);
  expect(pass.logprobs).toHaveLength(3);
  expect(logprobs).toEqual([null, -1]);
  for (const path of seen.filter((each) => each !== "/retrieve_future")) {
    const bodies = new Set(stub.to(path).map(({ body }) => body.toString("hex")));
    const keys = new Set(stub.to(path).map(({ headers }) => headers["x-idempotency-key"]));
    // Repetitions are the same to the byte, under the same key.
    expect(bodies.size).toBe(path === "/forward_backward" ? 2 : 1);
    if (path !== "/asample") expect(keys.size).toBe(bodies.size);
  }
});

test("an answer that cannot be read is asked for again three times, and never where nothing could be read before", async () => {
  const run = async (path: string, times: number) => {
    const stub = await startTinkerStub({
      fault: (request, nth) => (request.path === path && nth < times ? { instead: { text: HTML } } : undefined),
    });
    const training = await openClient(stub).createLoraTrainingClient({ baseModel: "stub/base" });
    await training.optimStep({ learningRate: 1 });
    return stub.applied;
  };
  expect(await run("/optim_step", 3)).toEqual(["1 optim_step"]);
  await expect(run("/optim_step", 4)).rejects.toMatchObject({ kind: "bad-reply", status: 200 });
  await expect(run("/client/config", 1)).rejects.toMatchObject({ kind: "bad-reply", status: 200 });
});

test("unloading whose answer was lost is done when the service says that the model is gone", async () => {
  const gone = { status: 410, json: { detail: "no such model" } };
  const unload = async (isLost: boolean) => {
    const stub = await startTinkerStub({
      fault: ({ path }, nth) => (path === "/unload_model" && nth === 0 && isLost ? { drop: "after" } : undefined),
      answer: ({ path }, nth) => (path === "/unload_model" && (nth > 0 || !isLost) ? gone : undefined),
    });
    const training = await openClient(stub).createLoraTrainingClient({ baseModel: "stub/base" });
    await training.unload();
  };
  await unload(true);
  await expect(unload(false)).rejects.toMatchObject({ status: 410 });
});

test("400 to a poll three times is passed over, a fourth time in a row it is an error", async () => {
  const fault = (max: number) => (request: { path: string; json: { request_id: string } }, nth: number) =>
    request.path === "/retrieve_future" && request.json.request_id.endsWith("/1") && nth >= 2 && nth < 2 + max
      ? { instead: { status: 400, json: { detail: "odd" } } }
      : undefined;
  const run = async (max: number) => {
    const stub = await startTinkerStub({ fault: fault(max) });
    const training = await openClient(stub).createLoraTrainingClient({ baseModel: "stub/base" });
    return training.forwardBackward([DATUM], "cross_entropy");
  };
  expect((await run(3)).logprobs).toHaveLength(1);
  await expect(run(4)).rejects.toMatchObject({ name: "TinkerError", kind: "invalid-request", status: 400 });
});

test("a result that is gone (410) fails a training call, and the client goes on", async () => {
  const stub = await startTinkerStub({
    answer: ({ path, json }) =>
      path === "/retrieve_future" && json.request_id.endsWith("/1")
        ? { status: 410, json: { detail: "gone" } }
        : undefined,
  });
  const training = await openClient(stub).createLoraTrainingClient({ baseModel: "stub/base" });
  const lost = training.forwardBackward([DATUM], "cross_entropy");
  await expect(lost).rejects.toThrow(TinkerResultLostError);
  await training.forwardBackward([DATUM], "cross_entropy");
  expect(stub.applied).toEqual(["1 forward_backward 1", "2 forward_backward 1"]);
});

test("a sample whose result is gone (410) is drawn anew, under a new number", async () => {
  const stub = await startTinkerStub({
    answer: ({ path, json }) =>
      path === "/retrieve_future" && json.request_id === "sample-0"
        ? { status: 410, json: { detail: "gone" } }
        : undefined,
  });
  const sampler = await openClient(stub).createSamplingClient({ baseModel: "stub/base" });
  expect(await sampler.computeLogprobs([1, 2])).toEqual([null, -1]);
  expect(stub.to("/asample").map(({ json }) => json.seq_id)).toEqual([0, 1]);
});

test("429 to a sample: the same number again, until it is taken", async () => {
  const stub = await startTinkerStub({
    fault: ({ path }, nth) => (path === "/asample" && nth < 5 ? { instead: { status: 429, json: {} } } : undefined),
  });
  const sampler = await openClient(stub).createSamplingClient({ baseModel: "stub/base" });
  const sample = await sampler.sampleDetailed({ prompt: [1], params: { maxTokens: 1 } });
  expect(sample.sequences[0]!.sequenceId).toBe("sample-0:0");
  expect(stub.to("/asample").map(({ json }) => json.seq_id)).toEqual([0, 0, 0, 0, 0, 0]);
});

test.each<{ name: string; answer: StubAnswer; kind: string; message: RegExp }>([
  { name: "401", answer: { status: 401, json: { detail: "no" } }, kind: "auth", message: /TINKER_API_KEY/ },
  { name: "403", answer: { status: 403, json: { detail: "no" } }, kind: "auth", message: /TINKER_API_KEY/ },
  { name: "404", answer: { status: 404, json: { detail: "no model" } }, kind: "not-found", message: /no model/ },
  {
    name: "410",
    answer: { status: 410, json: { detail: "finished" } },
    kind: "not-found",
    message: /open a new client/,
  },
  {
    name: "413",
    answer: { status: 413, json: { detail: "big" } },
    kind: "invalid-request",
    message: /fewer or shorter/,
  },
  { name: "422", answer: { status: 422, json: { detail: [{ loc: ["x"] }] } }, kind: "invalid-request", message: /loc/ },
  {
    name: "a redirect",
    answer: { status: 302, headers: { location: "http://x/" } },
    kind: "not-found",
    message: /http:\/\/x\//,
  },
  { name: "a web page", answer: { text: HTML }, kind: "bad-reply", message: /not JSON/ },
  { name: "another shape", answer: { json: { id: 1 } }, kind: "bad-reply", message: /request_id/ },
])("$name to a submit: a typed error, and nothing later is sent", async ({ answer, kind, message }) => {
  const stub = await startTinkerStub({ answer: ({ path }) => (path === "/forward_backward" ? answer : undefined) });
  const training = await openClient(stub).createLoraTrainingClient({ baseModel: "stub/base" });
  const [pass, step] = await Promise.allSettled([
    training.forwardBackward([DATUM], "cross_entropy"),
    training.optimStep({ learningRate: 1 }),
  ]);
  expect(pass).toMatchObject({ status: "rejected", reason: { code: "model_error", kind } });
  expect((pass as PromiseRejectedResult).reason.message).toMatch(message);
  expect((step as PromiseRejectedResult).reason).toBeInstanceOf(TrainingInterruptedError);
  expect(stub.to("/optim_step")).toHaveLength(0);
});

test.each<{ name: string; answer: StubAnswer; message: RegExp }>([
  { name: "a web page", answer: { text: HTML }, message: /not JSON/ },
  {
    name: "broken protobuf",
    answer: { headers: { "content-type": "application/x-protobuf" }, text: "\u0001\u0002" },
    message: /not a protobuf/,
  },
  {
    name: "no logprobs",
    answer: { pass: { lossFnOutputType: "", lossFnOutputs: [{}], metrics: {} } },
    message: /no logprobs/,
  },
  {
    name: "too few outputs",
    answer: { pass: { lossFnOutputType: "", lossFnOutputs: [], metrics: {} } },
    message: /outputs for 0/,
  },
])("a result that is $name is a bad reply, not a result", async ({ answer, message }) => {
  const stub = await startTinkerStub({
    answer: ({ path, json }) => (path === "/retrieve_future" && json.request_id.endsWith("/1") ? answer : undefined),
  });
  const training = await openClient(stub).createLoraTrainingClient({ baseModel: "stub/base" });
  const pass = training.forwardBackward([DATUM], "cross_entropy");
  await expect(pass).rejects.toMatchObject({ kind: "bad-reply" });
  await expect(pass).rejects.toThrow(message);
});

test("a result announced as large is fetched by a second poll", async () => {
  const announced = { json: { status: "complete_metadata", response_payload_size: 99_000_000 } };
  const stub = await startTinkerStub({
    pendingPolls: 0,
    answer: ({ path, json }) => (path === "/retrieve_future" && json.allow_metadata_only ? announced : undefined),
  });
  const training = await openClient(stub).createLoraTrainingClient({ baseModel: "stub/base" });
  expect((await training.forward([DATUM], "cross_entropy")).logprobs).toHaveLength(1);
  const polls = stub.to("/retrieve_future").filter(({ json }) => json.request_id.endsWith("/1"));
  expect(polls.map(({ json }) => json.allow_metadata_only)).toEqual([true, false]);
});

test("a server that stays away while a result is waited for: an error after the outage that was allowed", async () => {
  const stub = await startTinkerStub({
    fault: ({ path }) => (path === "/retrieve_future" ? { drop: "before" } : undefined),
  });
  const client = openClient(stub, { maxOutageMs: 10_000 });
  await expect(client.createLoraTrainingClient({ baseModel: "stub/base" })).rejects.toMatchObject({
    kind: "connection",
  });
});

test("a server that was never there is given up soon, with what to do", async () => {
  const port = await freePort();
  const client = new TinkerClient({ apiKey: API_KEY, baseUrl: `http://127.0.0.1:${port}/x`, clock: quickClock });
  const failed = client.rest.listTrainingRuns();
  await expect(failed).rejects.toMatchObject({ kind: "connection" });
  await expect(failed).rejects.toThrow(/^no server answers at http:\/\/127\.0\.0\.1:\d+\/x .* check the base URL/);
});

test("the account's credit runs out for good: a quota error after the pause that the service allows", async () => {
  const stub = await startTinkerStub({
    config: { billing_exception_max_pause_duration_sec: 12 },
    fault: ({ path }) =>
      path === "/create_model" ? { instead: { status: 402, json: { detail: "empty" } } } : undefined,
  });
  const warn = vi.fn();
  const client = openClient(stub, { logger: { info() {}, warn } });
  const model = client.createLoraTrainingClient({ baseModel: "stub/base" });
  await expect(model).rejects.toMatchObject({ kind: "quota", status: 402, isFatal: true });
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("402"));
});

test("heartbeats go on beside the work, and end when the session has ended (410)", async () => {
  const stub = await startTinkerStub({
    fault: ({ path }, nth) =>
      path === "/session_heartbeat" && nth === 2
        ? { instead: { status: 410, json: { detail: "finished" } } }
        : undefined,
  });
  const warn = vi.fn();
  await openClient(stub, { logger: { info() {}, warn } }).createSamplingClient({ baseModel: "stub/base" });
  await vi.waitFor(() => expect(warn).toHaveBeenCalledWith(expect.stringContaining("ended this session")), 20_000);
  expect(stub.to("/session_heartbeat")).toHaveLength(3);
});

test("abort stops the waiting; what was being sent is sent to its end, what was not is not sent", async () => {
  const controller = new AbortController();
  const stub = await startTinkerStub({
    config: { fwdbwd_max_chunk_len: 1 },
    fault: ({ path }, nth) => {
      if (path === "/forward_backward" && nth === 0) controller.abort(new Error("enough"));
      return undefined;
    },
  });
  const training = await openClient(stub).createLoraTrainingClient({ baseModel: "stub/base" });
  const { signal } = controller;
  const [pass, step, save] = await Promise.allSettled([
    training.forwardBackward([DATUM, DATUM], "cross_entropy", undefined, { signal }),
    training.optimStep({ learningRate: 1 }, { signal }),
    training.saveState("a"),
  ]);
  expect(pass).toMatchObject({ status: "rejected", reason: new Error("enough") });
  expect(step).toMatchObject({ status: "rejected", reason: new Error("enough") });
  expect(save.status).toBe("fulfilled");
  expect(stub.applied).toEqual(["1 forward_backward 1", "2 forward_backward 1", "3 save_weights"]);
});

test("an aborted sample is cancelled on a server that wants to know", async () => {
  const controller = new AbortController();
  const stub = await startTinkerStub({
    pendingPolls: 1_000_000,
    answer: ({ path }) => (path === "/client/dynamic_config" ? { json: { sample_cancel_enabled: true } } : undefined),
    fault: ({ path }) => {
      if (path === "/retrieve_future") controller.abort(new Error("enough"));
      return undefined;
    },
  });
  const sampler = await openClient(stub).createSamplingClient({ baseModel: "stub/base" });
  const sample = sampler.sample({ prompt: [1], params: { maxTokens: 1 }, signal: controller.signal });
  await expect(sample).rejects.toThrow("enough");
  await vi.waitFor(() => expect(stub.to("/cancel_future")[0]?.json).toEqual({ request_id: "sample-0" }), 20_000);
});

test("the API key shows in no error, whatever the server and the connection do", async () => {
  const echoes: StubAnswer[] = [400, 401, 404, 422].flatMap((status) => [
    { status, json: { detail: `key ${API_KEY}` } },
    { status, text: `x-api-key: ${API_KEY} ${Buffer.from(API_KEY).toString("base64")}` },
    { status, headers: { "x-request-id": API_KEY }, json: {} },
  ]);
  echoes.push({ status: 302, headers: { location: `http://x/?key=${API_KEY}` } }, { json: { [API_KEY]: API_KEY } });
  for (const answer of echoes) {
    const stub = await startTinkerStub({ answer: ({ path }) => (path === "/create_session" ? answer : undefined) });
    const error: unknown = await openClient(stub)
      .createSamplingClient({ baseModel: "b" })
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(TinkerError);
    const { message, stack, requestId } = error as TinkerError;
    const everything = [message, stack, requestId, JSON.stringify(error), String((error as Error).cause)].join("\n");
    expect(everything).not.toContain(API_KEY);
    expect(everything).not.toContain(Buffer.from(API_KEY).toString("base64"));
  }
});

test("a sample with a logprob that is null is an error, and never a NaN", async () => {
  const sequences = [{ stop_reason: "stop", tokens: [5, 6], logprobs: [-0.5, null] }];
  const stub = await startTinkerStub({
    pendingPolls: 0,
    answer: ({ path }) => (path === "/retrieve_future" ? { json: { type: "sample", sequences } } : undefined),
  });
  const sampler = await openClient(stub).createSamplingClient({ baseModel: "stub/base" });
  const drawn = sampler.sample({ prompt: [1], params: { maxTokens: 2 } });
  await expect(drawn).rejects.toMatchObject({ kind: "bad-reply", message: expect.stringContaining("no number") });
});
