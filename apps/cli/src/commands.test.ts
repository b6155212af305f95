import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { EXIT } from "./exit-codes.js";
import { runPka } from "./testing/run-pka.js";
import { VERSION } from "./version.js";

test("--version prints the version", async () => {
  expect(await runPka(["--version"])).toEqual({ exitCode: EXIT.done, stdout: `${VERSION}\n`, stderr: "" });
});

test.each([
  [],
  ["eval"],
  ["refine"],
  ["compare"],
  ["grade"],
  ["thinking"],
  ["report"],
  ["repair"],
  ["serve"],
  ["demo"],
  ["datasets"],
  ["models"],
  ["doctor"],
  ["serve"],
  ["tinker"],
])("pka %s --help shows examples", async (...command) => {
  const { exitCode, stdout } = await runPka([...command, "--help"]);
  expect(stdout).toMatch(/Examples:\n {2}pka /);
  expect(exitCode).toBe(EXIT.done);
});

test("pka datasets lists every dataset with its rows", async () => {
  const { stdout } = await runPka(["datasets", "--json"]);
  const { datasets } = JSON.parse(stdout) as { datasets: { name: string; rows: Record<string, number> }[] };
  expect(datasets.map(({ name }) => name).toSorted()).toEqual([
    "hotpotqa",
    "math",
    "nq",
    "simpleqa",
    "smallworld",
    "strategyqa",
    "triviaqa",
  ]);
  expect(datasets.find(({ name }) => name === "triviaqa")?.rows).toMatchObject({ validation: 17_944, train: 138_384 });
  expect((await runPka(["datasets"])).stdout).toContain("17,944");
});

test("pka datasets fetch loads a dataset and prints its fingerprint", async () => {
  const { exitCode, stdout } = await runPka(["datasets", "fetch", "smallworld"]);
  expect(stdout).toMatch(/^smallworld test: 192 rows, sha256 [0-9a-f]{64}\n$/);
  expect(exitCode).toBe(EXIT.done);
});

test("pka models lists the paper's models and what each needs", async () => {
  const { stdout } = await runPka(["models", "--json"]);
  const { models } = JSON.parse(stdout) as { models: { name: string; needs: string }[] };
  for (const name of ["gpt-5.2", "gpt-oss-20b", "olmo-3-7b-think", "r1-distill-qwen-1.5b", "tiny"]) {
    expect(models.map((model) => model.name)).toContain(name);
  }
});

test("pka doctor passes without keys, and never prints one that is set", async () => {
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(request.headers.authorization === "Bearer sk-canary-right" ? 200 : 401).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const base = { HF_HUB_OFFLINE: "1", OPENAI_BASE_URL: url };
  try {
    expect((await runPka(["doctor"], base)).exitCode).toBe(EXIT.done);
    const right = await runPka(["doctor"], { ...base, OPENAI_API_KEY: "sk-canary-right" });
    expect(right.exitCode).toBe(EXIT.done);
    const wrong = await runPka(["doctor"], { ...base, OPENAI_API_KEY: "sk-canary-wrong" });
    expect(wrong.stdout).toMatch(/OPENAI_API_KEY.*failed.*not accepted/);
    expect(wrong.exitCode).toBe(EXIT.failed);
    expect(seen).toEqual(["Bearer sk-canary-right", "Bearer sk-canary-wrong"]);
    expect(JSON.stringify([right, wrong])).not.toContain("canary");
  } finally {
    server.close();
  }
});
