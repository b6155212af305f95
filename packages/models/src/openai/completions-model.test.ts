import { serve } from "@pka/fault-kit";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { ASK } from "../testing/ask.js";
import { completionsModel } from "./completions-model.js";
import { ANSWERED, OLMO, setUpModel, vllm } from "../testing/completions-servers.js";

// Loaded on first use, which must not count as time that a server took.
beforeAll(() => import("undici"));

test("maxTokens replaces the paper's limits and is part of the settings", async () => {
  const { model, posts } = await setUpModel(vllm(OLMO, ANSWERED, 4096), {
    renderer: "olmo",
    maxTokens: 64,
  });
  await model.generate(ASK);
  expect(posts()[0]!.body.max_tokens).toBe(64);
  expect(model.settings).toMatchObject({ maxTokensThinking: 64, maxTokensNoThinking: 64, maxTokensForced: 1028 });
});

test("several servers share the questions, each under its own name for the model", async () => {
  const second = await serve(vllm("/models/Olmo-3-7B-Think", ANSWERED));
  const first = await serve(vllm(OLMO, ANSWERED));
  const model = await completionsModel({
    fileName: "x",
    model: OLMO,
    renderer: "olmo",
    baseUrls: [first.url, second.url],
  });
  onTestFinished(() => model.close!());
  await Promise.all(Array.from({ length: 20 }, () => model.generate(ASK)));
  const asked = [first, second].map(({ requests }) => requests.filter(({ method }) => method === "POST"));
  expect(asked.map((requests) => requests.length).every((count) => count >= 5 && count <= 15)).toBe(true);
  expect(asked.map(([request]) => request!.body.model)).toEqual([OLMO, "/models/Olmo-3-7B-Think"]);
});

test("the key is sent, and nothing without one", async () => {
  const withKey = await setUpModel(vllm(OLMO, ANSWERED), { renderer: "olmo", apiKey: "k-1" });
  await withKey.model.generate(ASK);
  expect(withKey.server.requests.map(({ headers }) => headers.authorization)).toEqual(
    withKey.server.requests.map(() => "Bearer k-1"),
  );
  const without = await setUpModel(vllm(OLMO, () => ({})));
  for (const { headers } of without.server.requests) expect(headers).not.toHaveProperty("authorization");
});
