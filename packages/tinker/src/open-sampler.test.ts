import { expect, test } from "vitest";
import { openSampler } from "./open-sampler.js";
import { openClient } from "./testing/open-client.js";
import { startTinkerStub } from "./testing/tinker-stub.js";

const RUN = "tinker://0197:train:0";
const PROMPT = { prompt: [1, 2], params: { maxTokens: 3 } };

test("a base model, sampler weights, a training state: each can be sampled from", async () => {
  const stub = await startTinkerStub();
  const client = openClient(stub);
  const sessions = () => stub.to("/create_sampling_session").map(({ json }) => [json.base_model, json.model_path]);

  const base = await openSampler(client, { baseModel: "stub/base" });
  expect(await base.sample(PROMPT)).toHaveLength(1);
  const sampler = await openSampler(client, { baseModel: "stub/base:variant", checkpoint: `${RUN}/sampler_weights/a` });
  expect(await sampler.sample(PROMPT)).toHaveLength(1);
  expect(sessions()).toEqual([
    ["stub/base", undefined],
    [undefined, `${RUN}/sampler_weights/a`],
  ]);

  const state = await openSampler(client, { baseModel: "stub/base", checkpoint: `${RUN}/weights/a` });
  expect(await state.sample(PROMPT)).toHaveLength(1);
  const [load] = stub.to("/load_weights");
  expect(load!.json).toMatchObject({ path: `${RUN}/weights/a`, optimizer: false });
  // Saved under no name: nothing is left behind.
  const [save] = stub.to("/save_weights_for_sampler");
  expect(save!.json.path ?? null).toBeNull();
  await client.close();
});

test.each(["weights", "sampler_weights"])("%s of another base model are refused", async (kind) => {
  const stub = await startTinkerStub();
  const client = openClient(stub);
  const checkpoint = `${RUN}/${kind}/a`;
  await expect(openSampler(client, { baseModel: "other/base", checkpoint })).rejects.toMatchObject({
    code: "usage",
    message: `${checkpoint} is a checkpoint of stub/base, not of other/base`,
  });
  expect(stub.applied).toEqual([]);
  await client.close();
});

test.each(["http://x", "tinker://run/weights", `${RUN}/external_weights/a`])(
  "%s is no path to sample from",
  async (checkpoint) => {
    const stub = await startTinkerStub();
    const client = openClient(stub);
    await expect(openSampler(client, { baseModel: "stub/base", checkpoint })).rejects.toMatchObject({ code: "usage" });
    await client.close();
  },
);

test("the signal of a client ends what has none of its own, retries included", async () => {
  const stub = await startTinkerStub({
    fault: ({ path }) => (path === "/create_session" ? { hang: true } : undefined),
  });
  const controller = new AbortController();
  const client = openClient(stub, { signal: controller.signal });
  const opening = openSampler(client, { baseModel: "stub/base" });
  opening.catch(() => undefined);
  while (stub.to("/create_session").length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const reason = new Error("stopped by the user");
  controller.abort(reason);
  await expect(opening).rejects.toBe(reason);
  await expect(client.getServerCapabilities()).rejects.toBe(reason);
  expect(stub.to("/create_session")).toHaveLength(1);
});

test("a cancelled opening ends with the reason", async () => {
  const stub = await startTinkerStub({
    fault: ({ path }) => (path === "/create_session" ? { hang: true } : undefined),
  });
  const client = openClient(stub);
  const controller = new AbortController();
  const opening = openSampler(client, { baseModel: "stub/base", signal: controller.signal });
  const reason = new Error("stopped by the user");
  controller.abort(reason);
  await expect(opening).rejects.toBe(reason);
  await expect(openSampler(client, { baseModel: "stub/base", signal: controller.signal })).rejects.toBe(reason);
});
