import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXIT } from "./exit-codes.js";
import { runPka } from "./testing/run-pka.js";

/** Clear the screen, set the title, write to the clipboard, a link, a bell, back over the line, and the same in the second block. */
const ESCAPES =
  "\u001b[2J\u001b]0;t\u0007\u001b]52;c;aGk=\u0007\u001b]8;;http://x\u001b\\a\rb\u0008\u009b31m\u009d0;t\u009c\u007f";
const POLLUTION = '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"prototype":{"polluted":1}';
const folder = mkdtempSync(join(tmpdir(), "pka-hostile-"));

const row = {
  question: `q ${ESCAPES}`,
  ground_truth: [`a ${ESCAPES}`],
  raw_prediction: `<answer>${ESCAPES}</answer>`,
  extracted_prediction: ESCAPES,
  num_tokens: 3,
  exact_match: false,
  recall: true,
};
const results = JSON.stringify({ results: [row, { ...row, question: "other" }] });
const [a, b] = ["nq_\u001b[31mone\u009b_no_cues.json", "nq_gpt52_no_cues.json"].map((name) => join(folder, name));
writeFileSync(a!, results.replace("{", `{${POLLUTION},`).replace('[{"question"', `[{${POLLUTION},"question"`));
writeFileSync(b!, results);
const broken = join(folder, "nq_broken\u001b[2J_no_cues.json");
writeFileSync(
  broken,
  `{"results": [{"${ESCAPES.replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)}": 1}]}`,
);

const server = createServer((request, response) => {
  const isModels = request.url === "/v1/models";
  response.writeHead(isModels ? 200 : 500, { "content-type": "application/json", "x-should-retry": "false" });
  const error = JSON.stringify({ message: ESCAPES, detail: ESCAPES, training_runs: [] });
  response.end(
    isModels
      ? `{${POLLUTION},"data":[{"id":${JSON.stringify(ESCAPES)},${POLLUTION}}]}`
      : error.replace("{", `{${POLLUTION},`),
  );
});
let url = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
});

test.each([
  { name: "compare", args: () => ["compare", a!, b!] },
  { name: "compare --json", args: () => ["compare", a!, b!, "--json"] },
  { name: "grade", args: () => ["grade", a!, b!] },
  { name: "grade --json", args: () => ["grade", a!, "--json"] },
  { name: "thinking", args: () => ["thinking", folder, "--no-tokenizer"] },
  { name: "refine --dry-run", args: () => ["refine", "--all", "--results-dir", folder, "--dry-run"] },
  { name: "report", args: () => ["report", folder, "--format", "md", "--output", "-"] },
  { name: "a damaged file", args: () => ["refine", "--target-files", broken, "--dry-run"] },
  { name: "doctor", args: () => ["doctor", "--base-url", `${url}/v1`] },
  { name: "doctor --json", args: () => ["doctor", "--json", "--base-url", `${url}/v1`] },
  { name: "eval", args: () => ["eval", "--model", `vllm:m`, "--base-url", `${url}/v1`, "--dataset", "smallworld"] },
  { name: "tinker", args: () => ["tinker", "runs", "--base-url", url] },
  { name: "an unknown model", args: () => ["eval", "--model", `gpt${ESCAPES}`, "--dataset", "nq"] },
  { name: "an unknown flag", args: () => ["eval", `--${ESCAPES}`] },
])("$name: no escape reaches the terminal, no prototype is changed", async ({ args }) => {
  const { exitCode, stdout, stderr } = await runPka(args(), {
    NODE_OPTIONS: "--disable-proto=throw --frozen-intrinsics --no-warnings",
    HF_HUB_OFFLINE: "1",
    TINKER_API_KEY: "tml-0123456789abcdef",
  });
  // oxlint-disable-next-line no-control-regex
  expect((stdout + stderr).replace(/[\t\n]/g, "").match(/[\u0000-\u001f\u007f-\u009f]/g)).toBeNull();
  expect(stderr).not.toMatch(/\n {4}at |ERR_PROTO_ACCESS/);
  expect(exitCode).not.toBeNull();
  expect([EXIT.done, EXIT.failed, EXIT.usage, EXIT.stopped]).toContain(exitCode);
});
