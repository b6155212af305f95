import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseModelId } from "./model-id.js";
import { MODELS } from "./models.js";

test.each([
  { id: "gpt-5.2", spec: { provider: "openai", fileName: "gpt52", model: "gpt-5.2" } },
  { id: "gpt-oss-20b", spec: { provider: "tinker", fileName: "gptoss20b", model: "openai/gpt-oss-20b" } },
  {
    id: "olmo-3-7b-think",
    spec: { provider: "vllm", fileName: "olmo3", model: "allenai/Olmo-3-7B-Think", renderer: "olmo" },
  },
  {
    id: "r1-distill-qwen-1.5b",
    spec: { provider: "vllm", fileName: "r1qwen", model: "deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B", renderer: "r1" },
  },
  {
    id: "openai:gpt-5-mini-2025-08-07",
    spec: { provider: "openai", fileName: "openai-gpt-5-mini-2025-08-07", model: "gpt-5-mini-2025-08-07" },
  },
  {
    id: "vllm:tiny-qwen3",
    spec: { provider: "vllm", fileName: "vllm-tiny-qwen3", model: "tiny-qwen3", renderer: "chat" },
  },
  { id: "hf:./models/tiny", spec: { provider: "hf", model: "./models/tiny" } },
  { id: "engine:C:\\runs\\step-5", spec: { provider: "engine", model: "C:\\runs\\step-5" } },
  { id: "tinker:Qwen/Qwen3-8B", spec: { provider: "tinker", model: "Qwen/Qwen3-8B" } },
])("$id", ({ id, spec }) => {
  expect(parseModelId(id)).toMatchObject({ id, ...spec });
});

test.each([
  { id: "tiny", same: "engine:tiny" },
  { id: "gpt-5.2", same: "openai:gpt-5.2" },
  { id: "olmo-3-7b-think", same: "vllm:allenai/Olmo-3-7B-Think" },
  { id: "gpt-oss-20b", same: "tinker:openai/gpt-oss-20b" },
])("$id and $same are one model", ({ id, same }) => {
  expect(parseModelId(same)).toEqual(parseModelId(id));
});

test.each([
  { id: "gpt-5.3", says: 'unknown model "gpt-5.3"; did you mean gpt-5.2? (known: gpt-5.2, gpt-oss-20b, ' },
  { id: "olmo-3-7b", says: "did you mean olmo-3-7b-think?" },
  { id: "vlm:org/model", says: "did you mean vllm:org/model?" },
  { id: "llama", says: 'unknown model "llama" (known: ' },
  { id: "", says: 'unknown model ""' },
  { id: "constructor", says: "unknown model" },
  { id: "vllm:", says: "model vllm: needs the id that the server serves, such as vllm:Qwen/Qwen3-8B" },
  { id: "openai: ", says: "model openai: needs a model id" },
  { id: "hf:a\nb", says: "control characters" },
])("refuses $id: $says", ({ id, says }) => {
  expect(() => parseModelId(id)).toThrow(says);
});

test("file names hold only safe characters, are never too long, and differ for different ids, even where case does not count", () => {
  const part = fc.oneof(
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 80 }),
    fc.constantFrom(
      "../..",
      "CON",
      "con",
      "NUL.txt",
      "a/b",
      "a-b",
      "a\\b",
      "A-b",
      "a:b",
      ".hidden",
      "trailing.",
      "x".repeat(300),
      "x".repeat(301),
      "ＡＢ",
    ),
  );
  const seen = new Map<string, string>();
  fc.assert(
    fc.property(fc.constantFrom("openai", "vllm", "hf", "engine", "tinker"), part, (provider, rest) => {
      fc.pre(rest.trim() !== "" && !/\p{Cc}/u.test(rest));
      const { id, fileName } = parseModelId(`${provider}:${rest}`);
      expect(fileName).toMatch(/^[a-z]+[A-Za-z0-9._-]*$/);
      expect(fileName.length).toBeLessThanOrEqual(80);
      expect(fileName).not.toMatch(/\.$/);
      const folded = fileName.toLowerCase();
      expect(seen.get(folded) ?? id).toBe(id);
      seen.set(folded, id);
    }),
    { numRuns: 2000 },
  );
});

test("every listed name is one that can be asked for", () => {
  for (const { name, provider } of MODELS) {
    expect(parseModelId(name.replace(/<.*>/, "some-id")).provider).toBe(provider);
  }
});
