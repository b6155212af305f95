import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { EXIT } from "./exit-codes.js";
import { runPka } from "./testing/run-pka.js";

const KEY = "tml-canary-5up3r53cr3t";
const RUN = "s:train:0";
const checkpoint = (name: string, day: number) => ({
  checkpoint_id: `weights/${name}`,
  checkpoint_type: "training",
  time: `2026-01-0${day}T00:00:00Z`,
  tinker_path: `tinker://${RUN}/weights/${name}`,
  size_bytes: 1_500_000,
});

/** A Tinker server with one training run of two checkpoints. */
async function serve() {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url!.replace(/^\/api\/v1/, "");
    const call = `${request.method} ${path}`;
    if (!path.startsWith("/client/config")) requests.push(call);
    const run = {
      training_run_id: RUN,
      base_model: "org/model\u001b[31m",
      model_owner: "me",
      is_lora: true,
      lora_rank: 8,
      last_request_time: "2026-01-03T00:00:00Z",
    };
    const checkpoints = [checkpoint("a", 1), checkpoint("b", 2)];
    const answers: Record<string, object> = {
      "/client/config": {},
      "/training_runs": { training_runs: [run], cursor: { offset: 0, limit: 20, total_count: 1 } },
      "/checkpoints": { checkpoints, cursor: { offset: 0, limit: 20, total_count: 2 } },
      [`/training_runs/${RUN}/checkpoints`]: { checkpoints },
    };
    const answer = answers[path.split("?")[0]!];
    if (request.headers["x-api-key"] !== KEY) response.writeHead(401).end('{"detail":"no"}');
    else if (answer) response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
    else
      response
        .writeHead(path.includes("missing") ? 404 : 204)
        .end(path.includes("missing") ? '{"detail":"no such"}' : "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { requests, env: { TINKER_API_KEY: KEY, TINKER_BASE_URL: url } };
}

test("pka tinker runs: a table, or one JSON document", async () => {
  const { env, requests } = await serve();
  const { stdout, exitCode } = await runPka(["tinker", "runs"], env);
  expect(stdout).toContain(RUN);
  expect(stdout).toContain("rank 8");
  expect(stdout).not.toContain("\u001b");
  expect(exitCode).toBe(EXIT.done);
  const json = await runPka(["tinker", "runs", "--json", "--limit", "0"], env);
  expect(JSON.parse(json.stdout)).toMatchObject({ schema: 1, totalCount: 1, trainingRuns: [{ trainingRunId: RUN }] });
  expect(requests.map((request) => request.split("&")[0])).toEqual([
    "GET /training_runs?limit=20",
    "GET /training_runs?limit=1000",
  ]);
});

test("pka tinker checkpoints list: of all runs, or of one", async () => {
  const { env } = await serve();
  const all = await runPka(["tinker", "checkpoints", "list"], env);
  expect(all.stdout).toContain(`tinker://${RUN}/weights/a`);
  expect(all.stdout).toContain("1.5 MB");
  const one = await runPka(["tinker", "checkpoints", "list", "--run-id", RUN, "--json"], env);
  expect(JSON.parse(one.stdout).checkpoints).toHaveLength(2);
});

test("pka tinker checkpoints delete: what was chosen, and what failed decides the exit code", async () => {
  const { env, requests } = await serve();
  const byDate = ["--run-id", RUN, "--type", "weights", "--before", "2026-01-02", "--yes"];
  expect(await runPka(["tinker", "checkpoints", "delete", ...byDate], env)).toMatchObject({
    exitCode: EXIT.done,
    stdout: "1 deleted, 0 failed\n",
  });
  expect(requests.at(-1)).toBe(`DELETE /training_runs/${RUN}/checkpoints/weights/a`);
  const paths = [`tinker://${RUN}/weights/missing`, `tinker://${RUN}/weights/b`];
  const { exitCode, stdout, stderr } = await runPka(["tinker", "checkpoints", "delete", "-y", "--json", ...paths], env);
  expect(exitCode).toBe(EXIT.failed);
  expect(JSON.parse(stdout)).toMatchObject({ deleted: [paths[1]], failed: [{ path: paths[0] }] });
  expect(stderr).toContain("no such");
});

test("pka tinker checkpoints publish and unpublish", async () => {
  const { env, requests } = await serve();
  const path = `tinker://${RUN}/sampler_weights/a`;
  expect((await runPka(["tinker", "checkpoints", "publish", path], env)).stdout).toBe(`${path} is public\n`);
  expect((await runPka(["tinker", "checkpoints", "unpublish", path], env)).stdout).toBe(`${path} is private\n`);
  expect(requests).toEqual([
    `POST /training_runs/${RUN}/checkpoints/sampler_weights/a/publish`,
    `DELETE /training_runs/${RUN}/checkpoints/sampler_weights/a/publish`,
  ]);
});

test.each([
  { name: "no key", args: ["runs"], env: { TINKER_API_KEY: "" }, message: /TINKER_API_KEY/ },
  { name: "a key that is none", args: ["runs"], env: { TINKER_API_KEY: "sk-x", TINKER_BASE_URL: "" }, message: /tml-/ },
  { name: "nobody to ask", args: ["checkpoints", "delete", "tinker://r/weights/a"], env: {}, message: /--yes/ },
  { name: "nothing to delete", args: ["checkpoints", "delete", "-y"], env: {}, message: /give checkpoint paths/ },
  {
    name: "a filter without a run",
    args: ["checkpoints", "delete", "-y", "tinker://r/weights/a", "--type", "weights"],
    env: {},
    message: /go with --run-id/,
  },
  { name: "no path", args: ["checkpoints", "publish", "http://x"], env: {}, message: /no checkpoint path/ },
  {
    name: "no date",
    args: ["checkpoints", "delete", "--run-id", "r", "--before", "soon"],
    env: {},
    message: /such as 2026/,
  },
])("$name is a usage error", async ({ args, env, message }) => {
  const server = await serve();
  const { exitCode, stderr } = await runPka(["tinker", ...args], { ...server.env, ...env });
  expect(stderr).toMatch(message);
  expect(exitCode).toBe(EXIT.usage);
  expect(server.requests.filter((request) => !request.startsWith("GET"))).toEqual([]);
});

test("a refused key fails, and is not printed", async () => {
  const { env } = await serve();
  const { exitCode, stdout, stderr } = await runPka(["tinker", "runs"], { ...env, TINKER_API_KEY: `${KEY}-wrong` });
  expect(exitCode).toBe(EXIT.failed);
  expect(stderr).toContain("TINKER_API_KEY");
  expect(stdout + stderr).not.toContain(KEY);
});
