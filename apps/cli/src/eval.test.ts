import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type OpenaiStub, serveOpenai, temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { EXIT } from "./exit-codes.js";
import { runPka, startPka } from "./testing/run-pka.js";

function evalArgs({ baseUrl }: OpenaiStub, outputDir: string, ...more: string[]): string[] {
  const common = ["--dataset", "smallworld", "--split", "sft", "--output-dir", outputDir, "--base-url", baseUrl];
  return ["eval", "--model", "vllm:stub", "--renderer", "r1", ...common, ...more];
}

test("a run leaves the paper's result file and prints a table, or one JSON document", async () => {
  const server = await serveOpenai({ answer: () => ({ text: "Bah</think> <answer>Velmor</answer>" }) });
  const outputDir = temporaryFolder();
  const table = await runPka(evalArgs(server, outputDir, "--limit", "5"));
  expect(table.exitCode).toBe(EXIT.done);
  expect(table.stdout).toMatch(/exact match/);
  const result = JSON.parse(readFileSync(join(outputDir, "smallworld_vllm-stub_no_cues_with_thinking.json"), "utf8"));
  expect(Object.keys(result)).toEqual(["results", "aggregate_metrics", "errors", "success", "recall_hits", "pka"]);
  expect(result.results).toHaveLength(5);

  const json = await runPka(evalArgs(server, outputDir, "--limit", "5", "--json"));
  const document = JSON.parse(json.stdout);
  expect(document).toMatchObject({ schema: 1, command: "eval", evaluations: [{ report: { resumed: 5, asked: 0 } }] });
  expect(server.prompts).toHaveLength(5);
});

test("both spellings of a flag are one flag", async () => {
  const server = await serveOpenai();
  const outputDir = temporaryFolder();
  const spelled = evalArgs(server, outputDir, "--limit", "1").map((argument) =>
    argument.replace("output-dir", "output_dir"),
  );
  expect((await runPka([...spelled, "--top_p=0.5"])).exitCode).toBe(EXIT.done);
  const [header] = readFileSync(join(outputDir, "smallworld_vllm-stub_no_cues_with_thinking.jsonl"), "utf8").split(
    "\n",
  );
  expect(JSON.parse(header!).condition.sampling).toEqual({ temperature: 0.6, topP: 0.5 });
});

test("a dry run asks nothing and names the file", async () => {
  const server = await serveOpenai();
  const { exitCode, stdout } = await runPka(evalArgs(server, temporaryFolder(), "--dry-run"));
  expect(stdout).toContain("smallworld_vllm-stub_no_cues_with_thinking.json");
  expect({ exitCode, asked: server.prompts.length }).toEqual({ exitCode: EXIT.done, asked: 0 });
});

test("a server whose first 20 answers all fail stops the run with exit code 3 and says why", async () => {
  const server = await serveOpenai({
    answer: () => ({ status: 400, body: '{"error":{"message":"the moon is full"}}' }),
  });
  const { exitCode, stderr } = await runPka(evalArgs(server, temporaryFolder(), "--concurrency", "4"));
  expect(stderr).toMatch(/no usable answer to the first 20 questions.*the moon is full/);
  expect(exitCode).toBe(EXIT.stopped);
  expect(server.prompts.length).toBeLessThan(30);
});

test("--max-errors stops the run with exit code 3", async () => {
  let asked = 0;
  const server = await serveOpenai({
    answer: () => (asked++ % 2 ? { text: "x" } : { status: 400, body: '{"error":{"message":"odd"}}' }),
  });
  const { exitCode, stderr } = await runPka(
    evalArgs(server, temporaryFolder(), "--concurrency", "1", "--max-errors", "3"),
  );
  expect(stderr).toMatch(/3 questions failed.*odd/);
  expect(exitCode).toBe(EXIT.stopped);
});

test("terminal escapes in what a server says do not reach the terminal", async () => {
  const server = await serveOpenai({
    answer: () => ({ status: 400, body: '{"error":{"message":"\\u001b[31mred\\u001b]0;title\\u0007"}}' }),
  });
  // In CI, colour libraries paint even what goes to a file; what is not a terminal gets plain text all the same.
  const { stderr } = await runPka(evalArgs(server, temporaryFolder(), "--limit", "1"), {
    CI: "true",
    GITHUB_ACTIONS: "true",
  });
  expect(stderr).toContain("red");
  expect(stderr).not.toContain("\u001b");
});

// Windows has no signals: there, a process is ended without being asked.
test.skipIf(process.platform === "win32")(
  "Ctrl-C once finishes what is in flight, writes the result and exits with 130",
  async () => {
    const server = await serveOpenai({ delayMs: 200 });
    const outputDir = temporaryFolder();
    const run = startPka(evalArgs(server, outputDir, "--concurrency", "4"));
    await waitFor(() => server.prompts.length >= 8);
    run.process.kill("SIGINT");
    const { exitCode, stdout } = await run.exited;
    expect(exitCode).toBe(EXIT.interrupted);
    const { results } = JSON.parse(
      readFileSync(join(outputDir, "smallworld_vllm-stub_no_cues_with_thinking.json"), "utf8"),
    );
    expect(results).toHaveLength(server.prompts.length);
    expect(stdout).toContain("smallworld_vllm-stub_no_cues_with_thinking.json");
  },
);

test.skipIf(process.platform === "win32")("Ctrl-C twice stops at once and the same command resumes", async () => {
  const hanging = await serveOpenai({ delayMs: 600_000 });
  const outputDir = temporaryFolder();
  const run = startPka(evalArgs(hanging, outputDir, "--limit", "4", "--concurrency", "4"));
  await waitFor(() => hanging.prompts.length >= 4);
  run.process.kill("SIGINT");
  await run.said(/Stopping/);
  run.process.kill("SIGINT");
  expect((await run.exited).exitCode).toBe(EXIT.interrupted);

  const server = await serveOpenai();
  const again = await runPka(evalArgs(server, outputDir, "--limit", "4", "--concurrency", "4"));
  expect({ exitCode: again.exitCode, asked: server.prompts.length }).toEqual({ exitCode: EXIT.done, asked: 4 });
});

async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
