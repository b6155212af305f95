import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@pka/fault-kit";
import { TinkerClient } from "@pka/tinker";
import { expect, test } from "vitest";
import { EXIT } from "./exit-codes.js";
import { runPka } from "./testing/run-pka.js";
import { startServe } from "./testing/start-serve.js";

const KEY = "tml-test";

test("pka serve answers pka eval, and ends on Ctrl-C with what it saved", async () => {
  const folder = temporaryFolder();
  const dataDir = join(folder, "server");
  const server = await startServe(dataDir, KEY);
  const client = new TinkerClient({ baseUrl: server.url, apiKey: KEY });
  const { supportedModels } = await client.getServerCapabilities();
  expect(supportedModels.map(({ name }) => name)).toEqual(["tiny", "tiny-base", "openai/gpt-oss-20b"]);
  const training = await client.createLoraTrainingClient({ baseModel: "tiny", rank: 4 });
  const path = await training.saveWeightsForSampler("first");

  const how = ["--base-url", `${server.url}/v1`, "--output-dir", folder, "--concurrency", "64", "--json"];
  const evaluate = (model: string) =>
    runPka(["eval", "--model", model, "--dataset", "smallworld", "--limit", "60", ...how], { VLLM_API_KEY: KEY });
  const { exitCode, stdout } = await evaluate("vllm:tiny");
  expect(exitCode).toBe(EXIT.done);
  const { report } = JSON.parse(stdout).evaluations[0];
  // Half of the questions take one fact, and it knows these.
  expect(report.summary.metrics.exactMatch.interval.lower).toBeGreaterThan(0.25);

  await client.close();
  server.process.kill("SIGINT");
  expect(await server.exited).toMatchObject({ exitCode: EXIT.done });

  const again = await startServe(dataDir, KEY);
  const after = new TinkerClient({ baseUrl: again.url, apiKey: KEY });
  expect((await after.rest.listUserCheckpoints()).items.map((checkpoint) => checkpoint.tinkerPath)).toEqual([path]);
  const sampler = await after.createSamplingClient({ modelPath: path });
  expect(await sampler.sample({ prompt: [261], params: { maxTokens: 2 } })).toHaveLength(1);
  await after.close();
  again.process.kill("SIGTERM");
  const ended = await again.exited;
  expect(ended.exitCode).toBe(EXIT.done);
  // The key is in nothing that either of them wrote.
  const written = readdirSync(folder).filter((name) => name.includes(".json"));
  expect(written.length).toBeGreaterThan(0);
  for (const name of written) expect(readFileSync(join(folder, name), "utf8")).not.toContain(KEY);
  expect(JSON.stringify(ended)).not.toContain(KEY);
}, 60_000);

test.each([
  [["--host", "0.0.0.0"], "give it an API key"],
  [["--api-key", "secret"], "must begin with tml-"],
  [["--port", "x"], "whole number"],
])("pka serve %j is a usage error", async (args, message) => {
  const { exitCode, stderr } = await runPka(["serve", "--port", "0", ...args]);
  expect(stderr).toContain(message);
  expect(exitCode).toBe(EXIT.usage);
});
