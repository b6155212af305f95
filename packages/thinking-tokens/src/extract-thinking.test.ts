import { HAS_SHARED, readShared, SKIPPED } from "@pka/fault-kit/shared-data";
import { describe, expect, test } from "vitest";
import { countCharacters, extractThinking, paperThinking } from "./extract-thinking.js";
import { detectModelType } from "./model-type.js";

const ANALYSIS = "<|channel|>analysis<|message|>";

test.each([
  {
    name: "closed",
    text: `${ANALYSIS}hm<|end|><|start|>assistant<|channel|>final<|message|>4`,
    state: "closed",
    thought: "hm",
  },
  { name: "closed and empty", text: `${ANALYSIS}<|end|>`, state: "closed", thought: "" },
  { name: "the first of two", text: `${ANALYSIS}a<|end|>${ANALYSIS}b<|end|>`, state: "closed", thought: "a" },
  { name: "cut by the token limit", text: `${ANALYSIS}hm`, state: "unclosed", thought: "hm" },
  { name: "ended by the stop token", text: `${ANALYSIS}hm<|return|>`, state: "unclosed", thought: "hm" },
  {
    name: "cut by the next message",
    text: `${ANALYSIS}hm<|channel|>final<|message|>4`,
    state: "unclosed",
    thought: "hm",
  },
  { name: "none", text: "<|channel|>final<|message|>4", state: "none", thought: "" },
  { name: "another channel", text: "<|channel|>analysis to=x<|message|>4<|end|>", state: "none", thought: "" },
])("harmony: $name", ({ text, state, thought }) => {
  expect(extractThinking(text, "harmony")).toEqual({ state, text: thought });
});

test.each([
  { name: "closed", text: "hm\n</think>4", state: "closed", thought: "hm\n" },
  { name: "any case", text: "hm</THINK>4", state: "closed", thought: "hm" },
  { name: "the first of two", text: "a</think>b</think>c", state: "closed", thought: "a" },
  { name: "an opening tag is text", text: "<think>a</think>", state: "closed", thought: "<think>a" },
  { name: "unclosed", text: "hm <answer>4</answer>", state: "unclosed", thought: "hm <answer>4</answer>" },
  { name: "nothing", text: "", state: "unclosed", thought: "" },
])("think tags: $name", ({ text, state, thought }) => {
  expect(extractThinking(text, "think-tags")).toEqual({ state, text: thought });
});

test.each([ANALYSIS, "<|end|>", "</thin", "</think", "<|", "a"])("200,000 characters of %j take no time", (unit) => {
  const text = unit.repeat(200_000 / unit.length);
  expect(extractThinking(text, "think-tags").state).toBe("unclosed");
  expect(extractThinking(text, "harmony").text.length).toBeLessThan(text.length);
});

test("the paper's script counts an unclosed thought of harmony as none, and knows no other model", () => {
  expect(paperThinking(`${ANALYSIS}hm`, "gpt-oss-20b")).toBe("");
  expect(paperThinking("hm", "olmo-3-7b-think")).toBe("hm");
  expect(paperThinking("a</think>b", "olmo")).toBe("");
  expect(paperThinking("a</think>b", null)).toBe("");
  expect(paperThinking("a</think>b", "constructor")).toBe("");
});

describe.skipIf(!HAS_SHARED)(`vectors of the paper's script${SKIPPED}`, () => {
  interface ThinkingVector {
    readonly model_type: string | null;
    readonly raw_prediction: string;
    readonly thinking_text: string;
    readonly char_count: number;
    readonly utf16_length: number;
  }
  interface NameVector {
    readonly path: string;
    readonly model_type: string | null;
  }

  test("thinking.jsonl: 1,677 completions", () => {
    const lines = readShared("vectors/thinking.jsonl.gz").toString().trimEnd().split("\n");
    const vectors = lines.map((line) => JSON.parse(line) as ThinkingVector);
    expect(vectors).toHaveLength(1677);
    for (const vector of vectors) {
      const text = paperThinking(vector.raw_prediction, vector.model_type);
      expect(text).toBe(vector.thinking_text);
      expect(countCharacters(text)).toBe(vector.char_count);
      expect(text).toHaveLength(vector.utf16_length);
    }
  });

  test("thinking-stats.json: 32 file names", () => {
    const file = JSON.parse(readShared("vectors/thinking-stats.json").toString()) as {
      readonly detect_model_type: readonly NameVector[];
    };
    expect(file.detect_model_type).toHaveLength(32);
    for (const vector of file.detect_model_type) {
      expect([vector.path, detectModelType(vector.path) ?? null]).toEqual([vector.path, vector.model_type]);
    }
  });
});
