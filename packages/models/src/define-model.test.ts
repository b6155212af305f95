import type { Model } from "@pka/core";
import { expect, test } from "vitest";
import { defineModel } from "./define-model.js";

const MODEL: Model = {
  id: "echo",
  fileName: "echo",
  thinkingModes: [true, false],
  settings: { version: 1, note: null },
  extraction: () => "answer-tags",
  generate: async ({ question }) => ({ text: question, finishReason: "stop", usage: {}, numTokens: 0, attempts: 1 }),
};

test("returns a good model itself", () => {
  expect(defineModel(MODEL)).toBe(MODEL);
});

test.each<{ change: object; says: string }>([
  { change: { id: "" }, says: 'model "": id must be a string with no control characters' },
  { change: { id: "a\u0007" }, says: "id must be" },
  {
    change: { fileName: "a/b" },
    says: 'model "echo": fileName must be letters, digits, dots, underscores and hyphens',
  },
  { change: { fileName: "" }, says: "fileName must be" },
  { change: { thinkingModes: [] }, says: "thinkingModes must be [true], [false] or both" },
  { change: { thinkingModes: [true, true] }, says: "thinkingModes must be" },
  { change: { settings: { limit: Number.NaN } }, says: "settings.limit must be a finite number" },
  {
    change: { settings: { limit: [] } },
    says: "settings.limit must be a string, a number, a boolean or null",
  },
  { change: { generate: undefined }, says: "generate must be a function" },
  { change: { extraction: undefined }, says: "extraction must be a function" },
])("refuses $change", ({ change, says }) => {
  expect(() => defineModel({ ...MODEL, ...change })).toThrow(says);
});
