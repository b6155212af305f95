import { expect, test, vi } from "vitest";
import { printTrainingPlan } from "./print-training-plan.js";

test.each([
  // Tinker's price for a million tokens of gpt-oss-20b trained on.
  ["train sft", "openai/gpt-oss-20b", {}, 2 * 0.396],
  ["train sft", "openai/gpt-oss-20b", { usdPerMillionTokens: 1 }, 2],
  ["train sft", "openai/gpt-oss-20b", { engine: true }, 0],
  ["train sft", "some/model", {}, null],
  ["train rl", "openai/gpt-oss-20b", {}, null],
] as const)("%s of %s with %j costs %j", (command, model, options, usd) => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  printTrainingPlan(command, { ...options, json: true }, { model, source: "x", rows: 1, steps: 1, tokens: 2_000_000 });
  expect(JSON.parse(String(log.mock.calls[0]?.[0])).estimatedUsd).toBe(usd);
});
