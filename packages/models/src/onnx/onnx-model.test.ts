import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Ask, type Model, ModelError, UsageError } from "@pka/core";
import { startStubServer, type StubReply, type StubServer, temporaryFolder } from "@pka/fault-kit";
import { ChatTemplateError, TokenizerFileError } from "@pka/renderers";
import { afterEach, describe, expect, test } from "vitest";
import { ASK } from "../testing/ask.js";
import { onnxModel } from "./onnx-model.js";
import { transformersDouble, writeOnnxCheckpoint } from "../testing/onnx-double.js";

const ask: Ask = { ...ASK, sampling: { temperature: 0, topP: 1 } };
const THINKING_SWITCH =
  "{% for m in messages %}{{ m.content }}|{% endfor %}{% if enable_thinking is false %}<think></think>{% endif %}";

async function open(reply: string, options: Parameters<typeof transformersDouble>[1] & { folder?: string } = {}) {
  const { transformers, log } = transformersDouble(reply, options);
  const folder = options.folder ?? writeOnnxCheckpoint();
  return { log, folder, model: await onnxModel({ model: folder, importTransformers: async () => transformers }) };
}

describe("a completion", () => {
  test("has the text without special tokens, its parts, tokens and counts", async () => {
    const { model, log } = await open("<think>hm</think>Bacon");
    const completion = await model.generate(ask);
    const prompt =
      "system: You will be given a question. Give your final answer in <answer></answer> tags.\n" +
      "user: Who wrote Hamlet?\nassistant: ";
    expect(log.prompts).toEqual([prompt]);
    expect(completion).toMatchObject({
      text: "<think>hm</think>Bacon",
      thinking: "hm",
      answer: "Bacon",
      finishReason: "stop",
      usage: { promptTokens: prompt.length, completionTokens: 23, totalTokens: prompt.length + 23 },
      numTokens: 23,
      attempts: 1,
    });
    expect(completion.tokens?.at(-1)).toBe(1);
  });

  test("of the limit's length ended by length", async () => {
    const { transformers } = transformersDouble("Shakespeare");
    const model = await onnxModel({
      model: writeOnnxCheckpoint(),
      importTransformers: async () => transformers,
      maxTokens: 5,
    });
    expect(await model.generate(ask)).toMatchObject({ text: "Shake", finishReason: "length", numTokens: 5 });
  });

  test("ends where the context is full", async () => {
    const { model } = await open("Shakespeare", { maxPositions: 130 });
    const { usage, finishReason } = await model.generate(ask);
    expect(usage.totalTokens).toBe(130);
    expect(finishReason).toBe("length");
  });

  test("of a prompt that alone fills the context is refused", async () => {
    const { model } = await open("Shakespeare", { maxPositions: 20 });
    await expect(model.generate(ask)).rejects.toMatchObject({ kind: "invalid-request", isFatal: false });
  });

  test("repeats with the same seed and differs with another", async () => {
    const { model } = await open("abcdefghijklmnop");
    const drawn = async (seed: number) =>
      (await model.generate({ ...ask, sampling: { temperature: 8, topP: 1 }, seed })).tokens;
    expect(await drawn(1)).toEqual(await drawn(1));
    expect(await drawn(1)).not.toEqual(await drawn(2));
  });
});

async function settingsOf(template: string): Promise<Model["settings"]> {
  const folder = writeOnnxCheckpoint({ "chat_template.jinja": template });
  return (await open("", { folder })).model.settings;
}

describe("the chat template decides", () => {
  test("that thinking can be switched off", async () => {
    const folder = writeOnnxCheckpoint({ "chat_template.jinja": THINKING_SWITCH });
    const { model, log } = await open("Bacon", { folder });
    expect(model.thinkingModes).toEqual([true, false]);
    expect(await model.generate({ ...ask, thinking: false })).toMatchObject({ text: "Bacon", answer: "Bacon" });
    expect(log.prompts[0]).toMatch(/<think><\/think>$/);
  });

  test("that a model without the switch always thinks", async () => {
    const { model } = await open("Bacon");
    expect(model.thinkingModes).toEqual([true]);
    await expect(model.generate({ ...ask, thinking: false })).rejects.toThrow(UsageError);
  });

  test("that the instruction goes in front of the question where no system message is taken", async () => {
    const template =
      "{% if messages[0].role == 'system' %}{{ raise_exception('no') }}{% endif %}{{ messages[0].content }}";
    const { model, log } = await open("Bacon", {
      folder: writeOnnxCheckpoint({ "chat_template.jinja": template }),
    });
    await model.generate(ask);
    expect(model.settings.promptStyle).toBe("user");
    expect(log.prompts[0]).toBe(
      "You will be given a question. Give your final answer in <answer></answer> tags. Who wrote Hamlet?",
    );
  });

  test("the condition: another template, another sample prompt; a date only where one is written", async () => {
    const [first, second] = [
      await settingsOf("a{{ messages[0].content }}"),
      await settingsOf("b{{ messages[0].content }}"),
    ];
    expect(first.samplePrompt).not.toBe(second.samplePrompt);
    expect(first).not.toHaveProperty("date");
    expect(await settingsOf("{{ strftime_now('%Y') }}{{ messages[0].content }}")).toHaveProperty("date");
  });
});

describe("requests", () => {
  test("run one at a time, and the weights are loaded once, at the first", async () => {
    const { model, log, folder } = await open("Bacon");
    expect(log.loads).toHaveLength(0);
    await Promise.all([model.generate(ask), model.generate(ask), model.generate(ask)]);
    expect(log.maxInFlight).toBe(1);
    expect(log.loads).toHaveLength(1);
    expect(log.loads[0]).toMatchObject({ model: folder, options: { dtype: "fp32", local_files_only: true } });
    await model.close?.();
    expect(log.disposed).toBe(true);
  });

  test("stop at the next token when aborted, with the abort reason; those that wait never start", async () => {
    const controller = new AbortController();
    const { model, log } = await open("x".repeat(10_000), {
      step: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        if (log.prompts.length > 0) controller.abort(new Error("stopped by the user"));
      },
    });
    const outcomes = await Promise.allSettled([1, 2].map(() => model.generate(ask, { signal: controller.signal })));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: new Error("stopped by the user") });
    expect(log.prompts).toHaveLength(1);
  });

  test("load the weights again after a load that failed", async () => {
    const { model, log } = await open("Bacon", {
      load: async (load) => {
        if (load === 1) throw new Error("Protobuf parsing failed.");
      },
    });
    await expect(model.generate(ask)).rejects.toMatchObject({ kind: "not-found", isFatal: true });
    expect((await model.generate(ask)).text).toBe("Bacon");
    expect(log.loads).toHaveLength(2);
  });

  test("that fail in the runtime are errors of that request", async () => {
    const { model } = await open("Bacon", {
      step: async () => {
        throw new Error("bad allocation");
      },
    });
    await expect(model.generate(ask)).rejects.toThrow("the ONNX runtime failed: bad allocation");
  });
});

const importTransformers = async () => transformersDouble("").transformers;

describe("what is missing is named", () => {
  test.each([
    { name: "config.json", files: { "config.json": undefined }, error: UsageError, says: "config.json is missing" },
    {
      name: "tokenizer.json",
      files: { "tokenizer.json": undefined },
      error: UsageError,
      says: "tokenizer.json is missing",
    },
    {
      name: "weights",
      files: { "onnx/model.onnx": undefined },
      error: UsageError,
      says: "model.onnx is missing: this folder",
    },
    {
      name: "weights in the wrong folder",
      files: { "onnx/model.onnx": undefined, "model.onnx": "" },
      error: UsageError,
      says: "move model.onnx into a folder named onnx",
    },
    {
      name: "only weights for PyTorch",
      files: { "onnx/model.onnx": undefined, "model.safetensors": "" },
      error: UsageError,
      says: "Export them to ONNX",
    },
    {
      name: "chat template",
      files: { "chat_template.jinja": undefined },
      error: ChatTemplateError,
      says: "no chat template",
    },
    { name: "broken tokenizer", files: { "tokenizer.json": "{" }, error: TokenizerFileError, says: "not valid JSON" },
  ])("$name", async ({ files, error, says }) => {
    const opening = onnxModel({ model: writeOnnxCheckpoint(files), importTransformers });
    await expect(opening).rejects.toThrow(error);
    await expect(opening).rejects.toThrow(says);
  });

  test("weights of the precision asked for, with those that are there", async () => {
    const model = writeOnnxCheckpoint({ "onnx/model_q4.onnx": "" });
    const opening = onnxModel({ model, importTransformers, dtype: "fp16" });
    await expect(opening).rejects.toThrow(/model_fp16\.onnx is missing: this folder has fp32, q4/);
  });

  test("the precision, where none is asked for, is the most exact one there is", async () => {
    const files = { "onnx/model.onnx": undefined, "onnx/model_q4.onnx": "", "onnx/model_fp16.onnx": "" };
    const model = await onnxModel({ model: writeOnnxCheckpoint(files), importTransformers });
    expect(model.settings.dtype).toBe("fp16");
  });

  test("the package, with how to install it", async () => {
    const opening = onnxModel({ model: writeOnnxCheckpoint() });
    await expect(opening).rejects.toThrow(UsageError);
    await expect(opening).rejects.toThrow("npm install @huggingface/transformers@4");
    await expect(opening).rejects.toThrow("ONNXRUNTIME_NODE_INSTALL=skip");
  });

  test("another version of the package", async () => {
    const opening = onnxModel({
      model: writeOnnxCheckpoint(),
      importTransformers: async () => ({ env: { version: "3.8.1" } }),
    });
    await expect(opening).rejects.toThrow("not version 4");
  });

  test.each([
    { name: "a folder that is not there", options: { model: "./no/such/folder" }, says: "is not a folder" },
    { name: "an unknown precision", options: { model: "a/b", dtype: "fp8" }, says: 'unknown dtype "fp8"' },
    { name: "no room for an answer", options: { model: "a/b", maxTokens: 0 }, says: "maxTokens" },
    { name: "a hub without a scheme", options: { model: "a/b", endpoint: "hub" }, says: '"hub" is not the URL' },
  ])("$name", async ({ options, says }) => {
    const opening = onnxModel({ ...options, importTransformers });
    await expect(opening).rejects.toThrow(UsageError);
    await expect(opening).rejects.toThrow(says);
  });
});

/** A checkpoint whose template is in tokenizer_config.json, as older ones are. */
async function found(name: string): Promise<StubReply> {
  const config = JSON.stringify({ chat_template: "{{ messages[0].content }}" });
  const folder = writeOnnxCheckpoint({ "chat_template.jinja": undefined, "tokenizer_config.json": config });
  return readFile(join(folder, name), "utf8").then(
    (body) => ({ body }),
    () => ({ status: 404 }),
  );
}

describe("a repository on the hub", () => {
  let hub: StubServer;
  afterEach(() => hub.close());

  async function openFromHub(
    answer: (name: string) => StubReply | Promise<StubReply>,
    options: { token?: string; cacheDir?: string; offline?: boolean } = {},
  ) {
    hub = await startStubServer(({ path }) => answer(path.split("/resolve/main/")[1] ?? ""));
    const { transformers, log } = transformersDouble("Bacon");
    const endpoint = new URL(hub.url).origin;
    const cacheDir = options.cacheDir ?? temporaryFolder();
    const opening = onnxModel({
      model: "owner/model",
      importTransformers: async () => transformers,
      endpoint: `${endpoint}/`,
      ...options,
      cacheDir,
    });
    return { opening, transformers, log, cacheDir, endpoint };
  }
  test("is downloaded once, and is there without the network afterwards", async () => {
    const { opening, log, cacheDir, transformers, endpoint } = await openFromHub(found, { token: "hf_secret" });
    const model = await opening;
    expect(await model.generate(ask)).toMatchObject({ text: "Bacon" });
    expect(hub.requests.map(({ path }) => path).toSorted()).toEqual(
      ["chat_template.jinja", "config.json", "tokenizer.json", "tokenizer_config.json"].map(
        (name) => `/owner/model/resolve/main/${name}`,
      ),
    );
    for (const { headers } of hub.requests) expect(headers.authorization).toBe("Bearer hf_secret");
    expect((await readdir(join(cacheDir, "owner", "model"))).toSorted()).toEqual([
      "config.json",
      "tokenizer.json",
      "tokenizer_config.json",
    ]);
    expect(log.loads[0]).toMatchObject({
      model: "owner/model",
      options: { cache_dir: cacheDir, local_files_only: false },
    });
    expect(transformers.env.remoteHost).toBe(`${endpoint}/`);

    await hub.close();
    const again = await onnxModel({
      model: "owner/model",
      importTransformers: async () => transformers,
      cacheDir,
      offline: true,
    });
    expect(await again.generate(ask)).toMatchObject({ text: "Bacon" });
    expect(log.loads[1]).toMatchObject({ options: { local_files_only: true } });
  });

  test("gets the token; other hosts do not", async () => {
    const { opening, transformers } = await openFromHub(found, { token: "hf_secret" });
    await (await opening).generate(ask);
    const elsewhere = await startStubServer(() => ({ body: "" }));
    await transformers.env.fetch(elsewhere.url, { headers: { Authorization: "Bearer from-elsewhere" } });
    expect(elsewhere.requests[0]?.headers).not.toHaveProperty("authorization");
    await elsewhere.close();
  });

  test.each([
    { status: 401, kind: "auth", says: "private or gated" },
    { status: 404, kind: "not-found", says: "does not exist" },
    { status: 503, kind: "overloaded", says: "the hub answered 503" },
  ])("that answers $status is a $kind error without the token", async ({ status, kind, says }) => {
    const { opening } = await openFromHub(() => ({ status }), { token: "hf_secret" });
    await expect(opening).rejects.toMatchObject({ kind, status });
    await expect(opening).rejects.toThrow(says);
    await expect(opening).rejects.not.toThrow("hf_secret");
  });

  test("that is not there at all is a connection error", async () => {
    hub = await startStubServer(() => ({}));
    await hub.close();
    const opening = onnxModel({
      model: "owner/model",
      importTransformers,
      endpoint: new URL(hub.url).origin,
      cacheDir: temporaryFolder(),
    });
    await expect(opening).rejects.toMatchObject({ kind: "connection" });
  });

  test("that was never downloaded is not found offline", async () => {
    const { opening } = await openFromHub(found, { offline: true });
    await expect(opening).rejects.toThrow(ModelError);
    await expect(opening).rejects.toThrow("offline");
    expect(hub.requests).toHaveLength(0);
  });
});
