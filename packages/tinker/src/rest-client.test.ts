import { expect, test } from "vitest";
import { openClient } from "./testing/open-client.js";
import type { StubAnswer } from "./testing/stub-types.js";
import { startTinkerStub } from "./testing/tinker-stub.js";

const CHECKPOINT = {
  checkpoint_id: "weights/a",
  checkpoint_type: "training",
  time: "2026-01-02T03:04:05Z",
  tinker_path: "tinker://s:train:0/weights/a",
  size_bytes: 12,
  public: false,
  expires_at: null,
};
const RUN = {
  training_run_id: "s:train:0",
  base_model: "b",
  model_owner: "me",
  is_lora: true,
  lora_rank: 8,
  last_request_time: "2026-01-02T03:04:05Z",
  last_checkpoint: CHECKPOINT,
};
const cursor = { offset: 0, limit: 20, total_count: 41 };
const PATH = "tinker://s:train:0/sampler_weights/a";
const URL_OF_PATH = "/training_runs/s:train:0/checkpoints/sampler_weights/a";

async function serve(answers: Record<string, StubAnswer | StubAnswer[]>) {
  const stub = await startTinkerStub({
    answer: ({ path, method }, nth) => {
      const answer = answers[`${method} ${path}`];
      return Array.isArray(answer) ? answer[Math.min(nth, answer.length - 1)] : answer;
    },
  });
  return { stub, rest: openClient(stub).rest };
}

test("lists come as pages, with the length of the whole", async () => {
  const { stub, rest } = await serve({
    "GET /training_runs": { json: { training_runs: [RUN], cursor } },
    "GET /checkpoints": { json: { checkpoints: [CHECKPOINT], cursor } },
    "GET /training_runs/s:train:0/checkpoints": { json: { checkpoints: [CHECKPOINT], cursor: null } },
    "GET /training_runs/s:train:0": { json: RUN },
    "GET /sessions": { json: { sessions: ["s"] } },
    "GET /sessions/s": { json: { training_run_ids: ["s:train:0"], sampler_ids: [] } },
  });
  const runs = await rest.listTrainingRuns({ limit: 5, offset: 10, accessScope: "accessible" });
  expect(runs).toMatchObject({
    totalCount: 41,
    items: [{ trainingRunId: "s:train:0", loraRank: 8, isCorrupted: false }],
  });
  expect(runs.items[0]!.lastCheckpoint!.time).toEqual(new Date("2026-01-02T03:04:05Z"));
  expect(stub.to("/training_runs")[0]!.query.toString()).toBe("limit=5&offset=10&access_scope=accessible");
  expect(await rest.listUserCheckpoints()).toMatchObject({
    totalCount: 41,
    items: [{ sizeBytes: 12, isPublic: false }],
  });
  expect(stub.to("/checkpoints")[0]!.query.toString()).toBe("limit=100&offset=0");
  expect(await rest.listCheckpoints("s:train:0")).toHaveLength(1);
  expect(await rest.getTrainingRun("s:train:0")).toMatchObject({ baseModel: "b" });
  expect(await rest.listSessions()).toEqual(["s"]);
  expect(await rest.getSession("s")).toEqual({ trainingRunIds: ["s:train:0"], samplerIds: [] });
});

test("what changes a checkpoint goes to its URL", async () => {
  const { stub, rest } = await serve({});
  await rest.publishCheckpoint(PATH);
  await rest.unpublishCheckpoint(PATH);
  await rest.setCheckpointTtl(PATH, 3600);
  await rest.setCheckpointTtl(PATH, null);
  await rest.deleteCheckpoint(PATH);
  await rest.assignSessionToProject("s", "p");
  expect(stub.requests.slice(1).map(({ method, path, json }) => [method, path, json])).toEqual([
    ["POST", `${URL_OF_PATH}/publish`, undefined],
    ["DELETE", `${URL_OF_PATH}/publish`, undefined],
    ["PUT", `${URL_OF_PATH}/ttl`, { ttl_seconds: 3600 }],
    ["PUT", `${URL_OF_PATH}/ttl`, { ttl_seconds: null }],
    ["DELETE", URL_OF_PATH, undefined],
    ["PUT", "/sessions/s/project", { project_id: "p" }],
  ]);
});

test("a deletion whose answer was lost counts as done when the checkpoint is gone; one of nothing does not", async () => {
  const gone = { status: 404, json: { detail: "no such checkpoint" } };
  const { rest } = await serve({ [`DELETE ${URL_OF_PATH}`]: [{ status: 500, json: { detail: "oops" } }, gone] });
  await rest.deleteCheckpoint(PATH);
  const { rest: other } = await serve({ [`DELETE ${URL_OF_PATH}`]: gone });
  await expect(other.deleteCheckpoint(PATH)).rejects.toMatchObject({ kind: "not-found", status: 404 });
});

test.each<{ name: string; answers: StubAnswer[]; expires: Date | undefined }>([
  {
    name: "as JSON",
    answers: [{ json: { url: "https://x/a.tar", expires: "2026-01-02T03:04:05Z" } }],
    expires: new Date("2026-01-02T03:04:05Z"),
  },
  {
    name: "as a redirect, which is not followed",
    answers: [{ status: 302, headers: { location: "https://x/a.tar", expires: "Fri, 02 Jan 2026 03:04:05 GMT" } }],
    expires: new Date("2026-01-02T03:04:05Z"),
  },
])("an archive's URL comes $name", async ({ answers, expires }) => {
  const { rest } = await serve({ [`GET ${URL_OF_PATH}/archive`]: answers });
  expect(await rest.getCheckpointArchiveUrl(PATH)).toEqual({ url: "https://x/a.tar", expires });
});

test("other questions", async () => {
  const { stub, rest } = await serve({
    "GET /audit": { json: { entries: [{ timestamp: "2026-01-02T03:04:05Z", event: "checkpoint_read" }] } },
    "GET /billing/usage/events": { json: { data: [{ base_model: "b" }], sessions: {} } },
    "GET /healthz": { json: { status: "ok" } },
    "GET /samplers/s:sample:0": { json: { sampler_id: "s:sample:0", base_model: "b", model_path: null } },
  });
  expect(await rest.getAuditLog({ day: "2026-01-02" })).toMatchObject([{ event: "checkpoint_read", details: {} }]);
  const from = new Date("2026-01-01T00:00:00Z");
  expect(await rest.getBillingUsage(from, new Date("2026-01-02T00:00:00Z"))).toEqual([{ base_model: "b" }]);
  expect(stub.to("/billing/usage/events")[0]!.query.get("starting_on")).toBe("2026-01-01T00:00:00.000Z");
  await rest.checkHealth();
  expect(await rest.getSampler("s:sample:0")).toEqual({
    samplerId: "s:sample:0",
    baseModel: "b",
    modelPath: undefined,
  });
  expect(await rest.getWeightsInfo("tinker://r/weights/a")).toEqual({
    baseModel: "stub/base",
    isLora: true,
    loraRank: 8,
    trainMlp: true,
    trainAttn: true,
    trainUnembed: false,
  });
});
