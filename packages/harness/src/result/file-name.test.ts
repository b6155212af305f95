import { join, resolve, sep } from "node:path";
import { expect, test } from "vitest";
import { resultFileName } from "./file-name.js";

const both = { fileName: "gptoss20b", thinkingModes: [true, false] };

test.each([
  [{ dataset: "nq", model: both, cues: false, thinking: true }, "nq_gptoss20b_no_cues_with_thinking.json"],
  [{ dataset: "math", model: both, cues: true, thinking: false }, "math_gptoss20b_with_cues_no_thinking.json"],
  [
    { dataset: "nq", model: both, checkpointName: "inference1240", cues: false, thinking: true },
    "nq_gptoss20b_inference1240_no_cues_with_thinking.json",
  ],
  [
    { dataset: "nq", model: { fileName: "gpt52", thinkingModes: [true] }, cues: false, thinking: true },
    "nq_gpt52_no_cues.json",
  ],
])("%j -> %s", (options, expected) => {
  expect(resultFileName(options)).toBe(expected);
});

test("hostile names stay inside the folder, are valid on every system and stay apart", () => {
  const hostile = [
    "../x",
    "..",
    ".",
    "",
    "/etc/passwd",
    "C:\\windows\\x",
    "a/b",
    "a\\b",
    "a\0b",
    "CON",
    "nul.",
    "trailing.",
    "trailing ",
    "-rf",
    "x".repeat(300),
    `${"x".repeat(300)}y`,
    "a\u2215b",
    "a\u2044b",
    "é",
    "e\u0301",
    "line\nbreak",
    "<script>",
    'a"b',
    "a:b",
    "a|b",
    "a?b",
    "a*b",
    "\u202eabc",
    "__proto__",
  ];
  const names = hostile.map((checkpointName) =>
    resultFileName({ dataset: "nq", model: both, checkpointName, cues: false, thinking: true }),
  );
  for (const name of names) {
    expect(name).toMatch(/^nq_gptoss20b_[A-Za-z0-9._-]*_no_cues_with_thinking\.json$/);
    expect(resolve(join("/results", name)).startsWith(`${resolve("/results")}${sep}`)).toBe(true);
    expect(name.length).toBeLessThan(200);
  }
  expect(new Set(names).size).toBe(hostile.length);
});
