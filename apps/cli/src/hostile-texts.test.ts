import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { EXIT } from "./exit-codes.js";
import { runPka } from "./testing/run-pka.js";
import { serveThroughout } from "./testing/serve-throughout.js";

/** Clear the screen, set the title, write to the clipboard, a link, a bell, back over the line, and the same in the second block. */
const ESCAPES =
  "\u001b[2J\u001b]0;t\u0007\u001b]52;c;aGk=\u0007\u001b]8;;http://x\u001b\\a\rb\u0008\u009b31m\u009d0;t\u009c\u007f";
const POLLUTION = '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"prototype":{"polluted":1}';
const folder = mkdtempSync(join(tmpdir(), "pka-hostile-"));
/** Loaded before the command; says at its end which prototypes have gained a key. */
const WATCH = join(folder, "watch.mjs");
writeFileSync(
  WATCH,
  `const prototypes = { Object, Array, Function, String, Number, Map, Promise };
const keysOf = () => Object.entries(prototypes).flatMap(([name, { prototype }]) => Reflect.ownKeys(prototype).map((key) => name + "." + String(key)));
const before = new Set(keysOf());
process.on("exit", () => process.stderr.write("\\nprototypes: " + JSON.stringify(keysOf().filter((key) => !before.has(key))) + "\\n"));
`,
);

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
const broken = join(mkdtempSync(join(tmpdir(), "pka-hostile-")), "nq_broken\u001b[2J_no_cues.json");
writeFileSync(
  broken,
  `{"results": [{"${ESCAPES.replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)}": 1}]}`,
);

const server = serveThroughout((request, response) => {
  const isModels = request.url === "/v1/models";
  response.writeHead(isModels ? 200 : 500, { "content-type": "application/json", "x-should-retry": "false" });
  const error = JSON.stringify({ message: ESCAPES, detail: ESCAPES, training_runs: [] });
  response.end(
    isModels
      ? `{${POLLUTION},"data":[{"id":${JSON.stringify(ESCAPES)},${POLLUTION}}]}`
      : error.replace("{", `{${POLLUTION},`),
  );
});

test.each([
  { name: "compare", exit: EXIT.done, args: () => ["compare", a!, b!] },
  { name: "compare --json", exit: EXIT.done, args: () => ["compare", a!, b!, "--json"] },
  { name: "grade", exit: EXIT.done, args: () => ["grade", a!, b!] },
  { name: "grade --json", exit: EXIT.done, args: () => ["grade", a!, "--json"] },
  {
    name: "thinking",
    exit: EXIT.done,
    args: () => ["thinking", folder, "--no-tokenizer", "--model-type", "gpt-oss-20b"],
  },
  { name: "refine --dry-run", exit: EXIT.done, args: () => ["refine", "--all", "--results-dir", folder, "--dry-run"] },
  { name: "report", exit: EXIT.done, args: () => ["report", folder, "--format", "md", "--output", "-"] },
  { name: "a damaged file", exit: EXIT.failed, args: () => ["refine", "--target-files", broken, "--dry-run"] },
  { name: "doctor", exit: EXIT.failed, args: () => ["doctor", "--base-url", `${server.url}/v1`] },
  { name: "doctor --json", exit: EXIT.failed, args: () => ["doctor", "--json", "--base-url", `${server.url}/v1`] },
  {
    name: "eval",
    exit: EXIT.failed,
    args: () => ["eval", "--model", `vllm:m`, "--base-url", `${server.url}/v1`, "--dataset", "smallworld"],
  },
  { name: "tinker", exit: EXIT.failed, args: () => ["tinker", "runs", "--base-url", server.url] },
  { name: "an unknown model", exit: EXIT.usage, args: () => ["eval", "--model", `gpt${ESCAPES}`, "--dataset", "nq"] },
  { name: "an unknown flag", exit: EXIT.usage, args: () => ["eval", `--${ESCAPES}`] },
])("$name: no escape reaches the terminal, no prototype is changed", async ({ args, exit }) => {
  const { exitCode, stdout, stderr } = await runPka(args(), {
    NODE_OPTIONS: `--disable-proto=throw --no-warnings --import ${pathToFileURL(WATCH).href}`,
    HF_HUB_OFFLINE: "1",
    TINKER_API_KEY: "tml-0123456789abcdef",
  });
  // oxlint-disable-next-line no-control-regex
  expect((stdout + stderr).replace(/[\t\n]/g, "").match(/[\u0000-\u001f\u007f-\u009f]/g)).toBeNull();
  expect(stderr).not.toMatch(/\n {4}at |ERR_PROTO_ACCESS/);
  expect(stderr).toContain("\nprototypes: []\n");
  expect(exitCode, stderr).toBe(exit);
});
