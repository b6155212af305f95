// What the harness costs beside the model: per question, per journal record, and per row of a result file.
// node --conditions=@pka/source --import tsx bench/harness.ts
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { QaExample } from "@pka/core";
import { type AttemptRecord, evaluate, type StartRecord } from "@pka/harness";
import { completion, modelOf, optionsOf, qaExamples } from "../packages/harness/src/__fixtures__/run.js";
import { JournalWriter } from "../packages/harness/src/journal/writer.js";

const ROUNDS = 3;
const QUESTIONS = 3000;
const ROWS = [10_000, 100_000];
/** About the length of a gpt-oss-20b answer in the paper's files. */
const ANSWER = `${"Some thinking about the question. ".repeat(20)}<answer>answer</answer>`;
const USED = { usage: { promptTokens: 100, completionTokens: 180 }, numTokens: 180 };

const folder = mkdtempSync(join(tmpdir(), "pka-bench-"));
try {
  const [rows] = process.argv.slice(2);
  if (rows !== undefined) await benchResult(Number(rows));
  else {
    await benchQuestions();
    await benchAppend();
    for (const count of ROWS) {
      // A process of its own for each, so that each has its own peak.
      const args = [...process.execArgv, fileURLToPath(import.meta.url), String(count)];
      process.stdout.write(execFileSync(process.execPath, args));
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The same requests bare and through `evaluate`, against a server in another thread that answers at once. */
async function benchQuestions(): Promise<void> {
  const { url, worker } = await startServer();
  const ask = async (question: string): Promise<string> =>
    (await fetch(url, { method: "POST", body: question })).text();
  const model = modelOf(async ({ question }) => completion(await ask(question), USED));
  const examples = qaExamples(QUESTIONS);
  await bareLoop(examples, 16, ask);

  for (const concurrency of [1, 16, 128]) {
    const bare: number[] = [];
    const harness: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      bare.push(await timed(() => bareLoop(examples, concurrency, ask)));
      const options = optionsOf(join(folder, `${concurrency}-${round}`), examples, model, { concurrency });
      harness.push(await timed(() => evaluate(options)));
    }
    const perQuestion = (times: number[]) => (Math.min(...times) / QUESTIONS) * 1000;
    const overhead = perQuestion(harness) - perQuestion(bare);
    console.log(
      `concurrency ${concurrency}: bare fetch ${perQuestion(bare).toFixed(0)} µs, evaluate ${perQuestion(harness).toFixed(0)} µs` +
        ` per question: ${overhead.toFixed(0)} µs overhead (${QUESTIONS} questions, best of ${ROUNDS})`,
    );
  }
  await worker.terminate();
}

async function benchAppend(): Promise<void> {
  const count = 100_000;
  // Records that finish in the same turn of the event loop.
  const AT_ONCE = 4;
  const path = join(folder, "append.jsonl");
  const journal = new JournalWriter(path, { end: 0, lacksNewline: false });
  const appendAll = (record: (i: number) => AttemptRecord | StartRecord) =>
    timed(async () => {
      for (let i = 0; i < count; i += AT_ONCE) {
        await Promise.all(Array.from({ length: AT_ONCE }, (_, k) => journal.append(record(i + k))));
      }
    });
  const ms = await appendAll((i) => ({
    type: "attempt",
    id: `nq/${i}`,
    hash: "0123456789abcdef",
    sample: 0,
    attempt: 1,
    outcome: "answered",
    startedAt: "2026-01-01T00:00:00.000Z",
    elapsedMs: 1234.567,
    completion: completion(ANSWER, USED),
    verdict: { task: "qa", extractedPrediction: "answer", exactMatch: true, recall: true },
  }));
  const beforeStarts = statSync(path).size;
  const startMs = await appendAll((i) => ({ type: "start", row: `nq/${i}`, sample: 0 }));
  await journal.close();
  console.log(`start record before a request: ${((startMs / count) * 1000).toFixed(1)} µs`);
  const megabytes = beforeStarts / 1e6;
  console.log(
    `journal: ${((ms / count) * 1000).toFixed(1)} µs per record of ${((megabytes / count) * 1e6).toFixed(0)} bytes`,
  );
}

/** A run over `rows` questions with a model that answers at once, then the same call again, which only derives the result. */
async function benchResult(rows: number): Promise<void> {
  const options = optionsOf(
    join(folder, String(rows)),
    qaExamples(rows),
    modelOf(() => completion(ANSWER, USED)),
  );
  const before = process.memoryUsage().rss / 1e6;
  const first = await timed(() => evaluate(options));
  const start = performance.now();
  const report = await evaluate(options);
  const ms = performance.now() - start;
  const megabytes = statSync(report.resultPath).size / 1e6;
  const journal = statSync(report.journalPath).size / 1e6;
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(
    `${rows} rows: asked, graded, recorded and written in ${(first / 1000).toFixed(2)} s (${((first / rows) * 1000).toFixed(0)} µs per row);` +
      ` read back and written again in ${(ms / 1000).toFixed(2)} s (journal ${journal.toFixed(0)} MB, result ${megabytes.toFixed(0)} MB,` +
      ` ${(megabytes / (ms / 1000)).toFixed(0)} MB/s); resident ${before.toFixed(0)} MB before, ${peak.toFixed(0)} MB at most`,
  );
}

async function bareLoop(
  examples: readonly QaExample[],
  concurrency: number,
  ask: (question: string) => Promise<string>,
): Promise<void> {
  const rest = examples.values();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (let next = rest.next(); !next.done; next = rest.next()) await ask(next.value.question);
    }),
  );
}

async function startServer(): Promise<{ url: string; worker: Worker }> {
  const code = `
    const { createServer } = require("node:http");
    const server = createServer((request, response) => { request.resume(); response.end(${JSON.stringify(ANSWER)}); });
    server.listen(0, "127.0.0.1", () => require("node:worker_threads").parentPort.postMessage(server.address().port));`;
  const worker = new Worker(code, { eval: true, execArgv: [] });
  const [port] = await once(worker, "message");
  return { url: `http://127.0.0.1:${port}/`, worker };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
