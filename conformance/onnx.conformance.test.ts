import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ask } from "@pka/core";
import { onnxModel } from "@pka/models";
import { loadChatTemplateRenderer } from "@pka/renderers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readEvaluated } from "./evaluated.js";
import { greedyByOthers } from "./greedy.js";
import { onnxRuntime } from "./onnx-runtime.js";
import { pka } from "./pka.js";
import { tinyModel } from "./tiny-model.js";

const runtime = onnxRuntime();
const folder = tinyModel();
const missing = [runtime === null && "ONNX runtime", folder === null && "tiny model"].filter(Boolean);
const why = missing.length > 0 ? ` (skipped: no ${missing.join(", no ")})` : "";

const importTransformers = async (): Promise<unknown> =>
  createRequire(join(runtime!, "package.json"))("@huggingface/transformers");
const askOf = (question: string, thinking: boolean): Ask => ({
  task: "qa",
  question,
  cues: false,
  thinking,
  sampling: { temperature: 0, topP: 1 },
});

describe.skipIf(missing.length > 0)(`a model in ONNX form, through @huggingface/transformers${why}`, () => {
  let output: string;
  beforeAll(async () => void (output = await mkdtemp(join(tmpdir(), "pka-onnx-"))));
  afterAll(() => rm(output, { recursive: true, force: true }));

  test.each(["yes", "no"])("answers 20 questions through the command line, --thinking %s", async (thinking) => {
    const results = join(output, thinking);
    const asked = ["--dataset", "smallworld", "--limit", "20", "--thinking", thinking, "--output-dir", results];
    // The package is found in the folder in which the command is given.
    const finished = await pka(["eval", "--model", `hf:${folder}`, ...asked], { cwd: runtime!, timeoutMs: 110_000 });
    expect(finished, finished.stderr).toMatchObject({ code: 0 });

    const { results: rows, errors, attempts } = await readEvaluated(results);
    expect(rows).toHaveLength(20);
    expect(errors).toEqual([]);
    const form =
      thinking === "yes" ? /^<think>\n[^<]*<\/think>\s*<answer>(\w+)<\/answer>$/ : /^<answer>(\w+)<\/answer>$/;
    const inForm = rows.filter(({ raw_prediction: raw }) => form.test(raw));
    expect(inForm.length).toBeGreaterThan(15);
    for (const row of inForm) expect(row.extracted_prediction).toBe(form.exec(row.raw_prediction)![1]);
    for (const { completion } of attempts) expect(completion.thinking === undefined).toBe(thinking === "no");
  });

  test("greedy tokens equal those of PyTorch and of Python's onnxruntime", async () => {
    const asks = ["Where does Mirela live?", "Who wrote Hamlet?", "In which town does Zoltan Wick garden?"].flatMap(
      (question) => [askOf(question, true), askOf(question, false)],
    );
    const renderer = await loadChatTemplateRenderer(folder!);
    const prompts = asks.map(({ question, thinking }) =>
      renderer.renderPrompt(
        [
          {
            role: "system",
            content: "You will be given a question. Give your final answer in <answer></answer> tags.",
          },
          { role: "user", content: question },
        ],
        { task: "qa", thinking },
      ),
    );
    const reference = await greedyByOthers(prompts);
    const model = await onnxModel({ model: folder!, importTransformers, maxTokens: 40 });
    for (const [index, ask] of asks.entries()) {
      const { tokens, usage } = await model.generate(ask);
      const { prompt, torch, onnxruntime } = reference[index]!;
      expect(usage.promptTokens).toBe(prompt.length);
      expect(tokens).toEqual(torch);
      expect(tokens).toEqual(onnxruntime);
    }
    await model.close?.();
  });

  test("top-p and the seed decide the draw", async () => {
    const model = await onnxModel({ model: folder!, importTransformers });
    const draw = async (topP: number, seed: number) => {
      const ask = { ...askOf("Where does Mirela live?", true), sampling: { temperature: 1.5, topP }, seed };
      return (await model.generate(ask)).text;
    };
    const greedy = (await model.generate(askOf("Where does Mirela live?", true))).text;
    expect(await draw(1, 1)).toBe(await draw(1, 1));
    expect(new Set([await draw(1, 1), await draw(1, 2), await draw(1, 3)]).size).toBeGreaterThan(1);
    // A nucleus this small holds one token, whatever the temperature.
    expect(await draw(0.001, 1)).toBe(greedy);
    await model.close?.();
  });

  test("comes from a hub once, and from the cache without a network afterwards", async () => {
    const hub = await serveHub(folder!);
    const repository = {
      model: "pka/tiny",
      importTransformers,
      endpoint: hub.endpoint,
      cacheDir: join(output, "cache"),
      token: "hf_secret",
    };
    const online = await onnxModel(repository);
    const answer = await online.generate(askOf("Who wrote Hamlet?", false));
    await online.close?.();
    await hub.close();
    expect(hub.requested).toContain("onnx/model.onnx");
    expect(hub.requested).toContain("chat_template.jinja");
    expect(new Set(hub.authorizations)).toEqual(new Set(["Bearer hf_secret"]));

    const offline = await onnxModel({ ...repository, offline: true });
    expect(await offline.generate(askOf("Who wrote Hamlet?", false))).toEqual(answer);
    await offline.close?.();
  });
});

/** A hub with one repository, `pka/tiny`, whose files lie in `root`. */
async function serveHub(root: string) {
  const [requested, authorizations]: [string[], (string | undefined)[]] = [[], []];
  const server: Server = createServer((request, response) => {
    const name = request.url?.split("/pka/tiny/resolve/main/")[1] ?? "";
    requested.push(name);
    authorizations.push(request.headers.authorization);
    readFile(join(root, name)).then(
      (bytes) => response.writeHead(200, { "content-length": bytes.length }).end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { endpoint: `http://127.0.0.1:${port}`, requested, authorizations, close };
}
