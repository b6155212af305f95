import { serve, vllmModels } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { parseModelId } from "./model-id.js";
import { openModel } from "./open-model.js";

test("gpt-5.2 without a key: names the variable and where keys are made", async () => {
  await expect(openModel(parseModelId("gpt-5.2"), {})).rejects.toMatchObject({
    code: "usage",
    message: "gpt-5.2 needs an API key: set OPENAI_API_KEY; keys are made at https://platform.openai.com/api-keys",
  });
});

test("gpt-5.2 with a key is opened without asking anything", async () => {
  const model = await openModel(parseModelId("gpt-5.2"), { openai: { apiKey: "sk-x" } });
  expect(model).toMatchObject({ id: "gpt-5.2", fileName: "gpt52", thinkingModes: [true] });
  expect(model.settings["server"]).toBe("openai");
});

test("a model of the paper on vLLM is asked with its own prompts", async () => {
  const server = await serve(({ path }) =>
    path === "/v1/models" ? { body: vllmModels("allenai/Olmo-3-7B-Think") } : { status: 404 },
  );
  const model = await openModel(parseModelId("olmo-3-7b-think"), { vllm: { baseUrls: [server.url] } });
  expect(model).toMatchObject({ id: "olmo-3-7b-think", fileName: "olmo3", thinkingModes: [true, false] });
  expect(model.settings).toMatchObject({
    renderer: "olmo",
    maxTokensThinking: 7000,
    maxTokensForced: 1028,
    server: "vllm",
  });
});

test("no vLLM server: names the flag and the variable that say where it is", async () => {
  const server = await serve([]);
  await server.close();
  await expect(openModel(parseModelId("vllm:org/m"), { vllm: { baseUrls: [server.url] } })).rejects.toMatchObject({
    message: expect.stringContaining(
      'start one with "vllm serve org/m", or give its address with --base-url or VLLM_BASE_URL',
    ),
  });
});

test("Tinker's models need a client, which is closed again when they cannot be asked", async () => {
  await expect(openModel(parseModelId("gpt-oss-20b"), {})).rejects.toMatchObject({
    code: "usage",
    message: "gpt-oss-20b needs a Tinker client, and none was given",
  });
  let closed = 0;
  const tinker = async () => ({
    client: { sample: async () => [], computeLogprobs: async () => [] },
    date: "yesterday",
    close: async () => void (closed += 1),
  });
  await expect(openModel(parseModelId("gpt-oss-20b"), { tinker })).rejects.toMatchObject({ code: "usage" });
  expect(closed).toBe(1);
});
