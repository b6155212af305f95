import { expect, test } from "vitest";
import { parseModelId } from "./model-id.js";
import { tokenLimits } from "./token-limits.js";

const ASK = { task: "qa", question: "Who wrote Hamlet?", cues: false, thinking: true } as const;
const limitsOf = (id: string, more: object = {}) => tokenLimits(parseModelId(id), { ...ASK, ...more });

// The limits are those of the paper's scripts.
test.each([
  ["gpt-oss-20b", {}, { maxCompletionTokens: 2048 }],
  ["gpt-oss-20b", { task: "math" }, { maxCompletionTokens: 4096 }],
  ["olmo-3-7b-think", {}, { maxRepeatedTokens: 7000, maxCompletionTokens: 8028 }],
  ["olmo-3-7b-think", { thinking: false }, { maxCompletionTokens: 4096 }],
  ["r1-distill-qwen-1.5b", {}, { maxCompletionTokens: 4096 }],
  ["vllm:some/model", {}, { maxCompletionTokens: 4096 }],
  ["gpt-5.2", {}, {}],
] as const)("%s %j", (id, ask, limits) => {
  const { promptCharacters, ...rest } = limitsOf(id, ask);
  expect(rest).toEqual(limits);
  expect(promptCharacters).toBeGreaterThan(80);
  expect(promptCharacters).toBeLessThan(600);
});

test("a longer question makes a longer prompt, by as much", () => {
  for (const id of ["gpt-5.2", "gpt-oss-20b", "olmo-3-7b-think", "vllm:some/model"]) {
    const longer = limitsOf(id, { question: `${ASK.question} And when?` });
    expect(longer.promptCharacters - limitsOf(id).promptCharacters).toBe(10);
  }
});
