import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { ResumeMismatchError, RunFolderError } from "./errors.js";
import { readJsonLines } from "./json-lines.js";
import type { MetricSink, Metrics } from "./metrics.js";
import { openRunFolder, type RunFolderOptions } from "./run-folder.js";

const options = (path: string, more: Partial<RunFolderOptions> = {}): RunFolderOptions => ({
  path,
  config: { learning_rate: 1e-5, save_every: 2 },
  changeable: ["save_every"],
  data: { sha256: "a" },
  stepOf: ({ batch }) => batch,
  ...more,
});

const rows = (path: string) => readJsonLines(join(path, "metrics.jsonl"));

/** Three steps and a checkpoint before step 2. */
async function startRun(path: string): Promise<void> {
  const run = await openRunFolder(options(path));
  run.logMetrics(0, { loss: 3 });
  run.logMetrics(1, { loss: 2 });
  run.logMetrics(1, { val: Number.NaN });
  run.commitCheckpoint({ name: "000002", epoch: 0, batch: 2, statePath: "state", samplerPath: "sampler" });
  run.logMetrics(2, { loss: 1 });
  await run.close();
}

test("a new run leaves its configuration, metrics and checkpoints in the paper's spelling", async () => {
  const path = join(temporaryFolder(), "new", "run");
  await startRun(path);
  expect(JSON.parse(readFileSync(join(path, "config.json"), "utf8"))).toMatchObject({
    learning_rate: 1e-5,
    pka: { data: { sha256: "a" } },
  });
  expect(readFileSync(join(path, "checkpoints.jsonl"), "utf8")).toBe(
    '{"name":"000002","epoch":0,"batch":2,"state_path":"state","sampler_path":"sampler"}\n',
  );
  expect(readFileSync(join(path, "metrics.jsonl"), "utf8")).toBe(
    '{"step":0,"loss":3}\n{"step":1,"loss":2}\n{"step":1,"val":null}\n{"step":2,"loss":1}\n',
  );
});

test("a resumed run forgets the steps after its checkpoint, and what a killed process left half written", async () => {
  const path = temporaryFolder();
  await startRun(path);
  appendFileSync(join(path, "metrics.jsonl"), '{"step":3,"lo');
  appendFileSync(join(path, "checkpoints.jsonl"), '{"name":"000004","ba');
  const run = await openRunFolder(options(path));
  expect(run.resumePoint).toEqual({ name: "000002", epoch: 0, batch: 2, statePath: "state", samplerPath: "sampler" });
  expect(rows(path).map(({ step }) => step)).toEqual([0, 1, 1]);
  run.logMetrics(4, { evaluated: 1 });
  run.commitCheckpoint({ name: "final", batch: 4, statePath: "end" });
  await run.close();
  const again = await openRunFolder(options(path));
  expect(again.resumePoint?.name).toBe("final");
  expect(rows(path).at(-1)).toEqual({ step: 4, evaluated: 1 });
  await again.close();
});

test("other data, another configuration and a removed setting are refused by name; changeable settings are not", async () => {
  const path = temporaryFolder();
  await startRun(path);
  const other = openRunFolder(options(path, { config: { learning_rate: 1e-4, save_every: 5 }, data: { sha256: "b" } }));
  await expect(other).rejects.toThrow(ResumeMismatchError);
  await expect(other).rejects.toThrow(/learning_rate was 0.00001 and is 0.0001; data.sha256 was "a" and is "b"/);
  expect(rows(path)).toHaveLength(4);
  const run = await openRunFolder(options(path, { config: { learning_rate: 1e-5, save_every: 5 } }));
  await run.close();
});

test("a run that failed before its first row may begin otherwise; a config.json of something else may not", async () => {
  const path = join(temporaryFolder(), "run");
  await (await openRunFolder(options(path))).close();
  const other = options(path, { config: { learning_rate: 1 } });
  const run = await openRunFolder(other);
  run.logMetrics(0, { loss: 1 });
  await run.close();
  expect(JSON.parse(readFileSync(join(path, "config.json"), "utf8"))).toMatchObject({ learning_rate: 1 });
  await expect(openRunFolder(options(path))).rejects.toThrow(ResumeMismatchError);

  const foreign = temporaryFolder();
  writeFileSync(join(foreign, "config.json"), '{"theirs":1}');
  await expect(openRunFolder(options(foreign))).rejects.toThrow(ResumeMismatchError);
  expect(readFileSync(join(foreign, "config.json"), "utf8")).toBe('{"theirs":1}');
});

test("other code is a warning", async () => {
  const path = temporaryFolder();
  const first = await openRunFolder(options(path, { provenance: { gitCommit: "one" } }));
  first.logMetrics(0, {});
  await first.close();
  const warnings: string[] = [];
  const logger = { info() {}, warn: (message: string) => warnings.push(message) };
  await (await openRunFolder(options(path, { provenance: { gitCommit: "two" }, logger }))).close();
  expect(warnings).toEqual(['the run was started with other code: gitCommit was "one" and is "two"']);
});

test.each([
  { name: "raise", behavior: "raise" as const, answers: [], expected: /exists already/ },
  { name: "ask, exit", behavior: "ask" as const, answers: ["perhaps", " Exit "], expected: /left as it is/ },
])("a folder that exists: $name", async ({ behavior, answers, expected }) => {
  const path = temporaryFolder();
  await startRun(path);
  const left = [...answers];
  const ask = async (): Promise<string> => left.shift()!;
  await expect(openRunFolder(options(path, { behavior, ask }))).rejects.toThrow(expected);
  expect(left).toEqual([]);
  expect(rows(path)).toHaveLength(4);
});

test("a folder that exists: ask, delete starts anew", async () => {
  const path = temporaryFolder();
  await startRun(path);
  const run = await openRunFolder(options(path, { ask: async () => "delete", config: { learning_rate: 1 } }));
  expect(run.resumePoint).toBeUndefined();
  expect(rows(path)).toEqual([]);
  await run.close();
});

test("a folder with other files is never touched", async () => {
  const path = temporaryFolder();
  writeFileSync(join(path, "thesis.tex"), "");
  for (const behavior of ["ask", "delete", "resume"] as const) {
    await expect(openRunFolder(options(path, { behavior, ask: async () => "delete" }))).rejects.toThrow(/thesis\.tex/);
  }
  expect(existsSync(join(path, "thesis.tex"))).toBe(true);
});

test("a run that was killed while it began begins again", async () => {
  const path = temporaryFolder();
  writeFileSync(join(path, "config.json.tmp"), "{");
  writeFileSync(join(path, "run.lock"), `4194304 ${hostname()}\n`);
  const run = await openRunFolder(options(path));
  expect(run.resumePoint).toBeUndefined();
  await run.close();
});

test("one process at a time; the lock of a dead one is taken over", async () => {
  const path = join(temporaryFolder(), "run");
  const run = await openRunFolder(options(path));
  await expect(openRunFolder(options(path))).rejects.toThrow(RunFolderError);
  await run.close();
  // The largest process number there can be: none of ours.
  writeFileSync(join(path, "run.lock"), `4194304 ${hostname()}\n`);
  await (await openRunFolder(options(path))).close();
  writeFileSync(join(path, "run.lock"), "1 another.host\n");
  await expect(openRunFolder(options(path))).rejects.toThrow(/another\.host/);
});

test.each([
  { file: "checkpoints.jsonl", content: '{"name":1,"batch":2}\n', expected: /checkpoints\.jsonl: line 1/ },
  { file: "metrics.jsonl", content: "[1]\n", expected: /metrics\.jsonl: line 1 is no JSON object/ },
  { file: "config.json", content: "{", expected: /config\.json: is no JSON/ },
])("a damaged $file is named", async ({ file, content, expected }) => {
  const path = join(temporaryFolder(), "run");
  mkdirSync(path);
  writeFileSync(
    join(path, "config.json"),
    JSON.stringify({ learning_rate: 1e-5, save_every: 2, pka: { data: { sha256: "a" } } }),
  );
  writeFileSync(join(path, file), content);
  await expect(openRunFolder(options(path))).rejects.toThrow(expected);
  expect(existsSync(join(path, "run.lock"))).toBe(false);
});

test("metrics go to every sink, which is closed with the folder", async () => {
  const seen: unknown[] = [];
  const sink: MetricSink = {
    log: (step: number, metrics: Metrics) => seen.push([step, metrics]),
    close: () => void seen.push("closed"),
  };
  const run = await openRunFolder(options(join(temporaryFolder(), "run")));
  run.addSink(sink);
  run.logMetrics(7, { loss: 1 });
  await run.close();
  expect(seen).toEqual([[7, { loss: 1 }], "closed"]);
});
