import { readFileSync } from "node:fs";
import { join } from "node:path";
import { serveOpenai, temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { PKA, run } from "./run-pka.js";

/** Node alone opens more than 128 at once while it loads the command line's modules. */
const MAX_HANDLES = 192;

test("B9 a process that may have fewer files and connections open than questions in flight", async ({ annotate }) => {
  const stub = await serveOpenai({ model: "m", delayMs: 50, answer: () => ({ text: "<answer>yes</answer>" }) });
  const outputDir = temporaryFolder();
  const limited = ["sh", "-c", `ulimit -n ${MAX_HANDLES}; exec "$@"`, "sh"];
  const what = ["--model", "vllm:m", "--dataset", "smallworld", "--samples", "4", "--base-url", stub.baseUrl];
  const done = await run([...limited, ...PKA, "eval", ...what, "--concurrency", "400", "--output-dir", outputDir]);
  expect(done).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining("raise `ulimit -n`, or ask fewer at once"),
  });
  const path = join(outputDir, "smallworld_vllm-m_no_cues_with_thinking.json");
  expect(JSON.parse(readFileSync(path, "utf8")).pka.outcomes).toMatchObject({ answered: 768, error: 0 });
  expect(stub.prompts).toHaveLength(768);
  await annotate(`ulimit -n ${MAX_HANDLES}, 400 at once: 768 of 768 answered, each asked once`, "figure");
});
