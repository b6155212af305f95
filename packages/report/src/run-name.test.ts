import { expect, test } from "vitest";
import { parseRunName } from "./run-name.js";

const base = { dataset: "nq", model: "gptoss20b", checkpoint: null, cues: false, thinking: true };

test.each([
  ["nq_gptoss20b_no_cues_with_thinking.json", base],
  ["ex_nq_gptoss20b_no_cues_with_thinking.json.gz", base],
  ["nq_gptoss20b_with_cues_no_thinking.json", { ...base, cues: true, thinking: false }],
  ["nq_gpt52_no_cues.json", { ...base, model: "gpt52", thinking: null }],
  ["nq_gptoss20b_inference1240_no_cues_with_thinking.json", { ...base, checkpoint: "inference1240" }],
  ["nq_gptoss20b_a_b_no_cues_with_thinking.json", { ...base, checkpoint: "a_b" }],
  ["nq_my_model.json", { dataset: "nq", model: "my_model", checkpoint: null, cues: null, thinking: null }],
  ["results.json", { dataset: "results", model: "", checkpoint: null, cues: null, thinking: null }],
])("%s", (name, expected) => {
  expect(parseRunName(name)).toEqual(expected);
});
