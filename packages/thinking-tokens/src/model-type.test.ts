import { UsageError } from "@pka/core";
import { expect, test } from "vitest";
import { detectModelType, parseModelType } from "./model-type.js";

test.each([
  ["gpt-oss-20b", "gpt-oss-20b"],
  ["olmo", "olmo-3-7b-think"],
  ["olmo-3-7b-think", "olmo-3-7b-think"],
  ["r1-qwen", "r1-distill-qwen-1.5b"],
  ["r1-distill-qwen-1.5b", "r1-distill-qwen-1.5b"],
])("%s is %s", (name, expected) => {
  expect(parseModelType(name)).toBe(expected);
});

test("an unknown model type is refused with the nearest one", () => {
  expect(() => parseModelType("gpt-os-20b")).toThrow(UsageError);
  expect(() => parseModelType("gpt-os-20b")).toThrow("Did you mean gpt-oss-20b?");
  expect(() => parseModelType("constructor")).toThrow(UsageError);
});

test("only the file's own name tells its model, in either kind of path", () => {
  expect(detectModelType("olmo/nq_R1QWEN.json")).toBe("r1-distill-qwen-1.5b");
  expect(detectModelType("C:\\olmo\\nq_gptoss20b.json")).toBe("gpt-oss-20b");
  expect(detectModelType("olmo/nq.json")).toBeUndefined();
});
