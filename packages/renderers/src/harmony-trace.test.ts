import { expect, test } from "vitest";
import { parseHarmony } from "./harmony-trace.js";

const segment = {
  role: "assistant",
  channel: undefined,
  recipient: undefined,
  contentType: undefined,
  content: "",
  end: undefined,
};

test.each([
  {
    name: "a thought and an answer",
    text: "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>4<|return|>",
    segments: [
      { channel: "analysis", content: "hm", end: "end" },
      { channel: "final", content: "4", end: "return" },
    ],
  },
  {
    name: "a thought that never ended",
    text: "<|channel|>analysis<|message|>hm",
    segments: [{ channel: "analysis", content: "hm" }],
  },
  {
    name: "a call, its recipient behind the channel",
    text: "<|channel|>commentary to=functions.search <|constrain|>json<|message|>{}<|call|>",
    segments: [
      { channel: "commentary", recipient: "functions.search", contentType: "json", content: "{}", end: "call" },
    ],
  },
  {
    name: "a tool's reply, its recipient behind the role",
    text: "<|start|>functions.search to=assistant<|channel|>commentary<|message|>[]<|end|>",
    segments: [{ role: "functions.search", recipient: "assistant", channel: "commentary", content: "[]", end: "end" }],
  },
  {
    name: "a message that the next one cuts off",
    text: "<|channel|>analysis<|message|>a<|start|>assistant<|channel|>final<|message|>b<|end|>",
    segments: [
      { channel: "analysis", content: "a" },
      { channel: "final", content: "b", end: "end" },
    ],
  },
  {
    name: "a header without its start",
    text: "<|channel|>analysis<|message|>a<|channel|>final<|message|>b",
    segments: [
      { channel: "analysis", content: "a" },
      { channel: "final", content: "b" },
    ],
  },
  {
    name: "markers within a message",
    text: "<|channel|>final<|message|>a<|message|>b<|constrain|>c<|end|>",
    segments: [{ channel: "final", content: "a<|message|>b<|constrain|>c", end: "end" }],
  },
  {
    name: "a cut within a header",
    text: "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>fi",
    segments: [{ channel: "analysis", content: "a", end: "end" }, { channel: "fi" }],
  },
  { name: "no markup", text: "just text", segments: [] },
  { name: "nothing", text: "", segments: [] },
  { name: "ends of nothing", text: "<|end|><|return|>", segments: [] },
])("$name", ({ text, segments }) => {
  expect(parseHarmony(text)).toEqual({ text, segments: segments.map((one) => ({ ...segment, ...one })) });
});

test("many segments and long headers take no longer than the text", () => {
  expect(parseHarmony("<|channel|>".repeat(20_000)).segments).toHaveLength(1);
  expect(parseHarmony("<|channel|>a<|message|>".repeat(20_000)).segments).toHaveLength(20_000);
  expect(parseHarmony(`<|channel|>${" to=".repeat(50_000)}<|message|>`).segments).toHaveLength(1);
});
