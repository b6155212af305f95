import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SHARED } from "@pka/fault-kit";
import { type InstantServer, startInstantServer } from "../instant-server.js";
import { count, fasterThan, inTurns, LM_EVAL, pka, type Row, run, wallSeconds } from "./measure.js";

const MODEL = "deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B";
const QUESTIONS = 2000;
const SAMPLES = 10;
const AT_A_TIME = [16, 128];

interface Asked {
  /** From start to exit. */
  readonly seconds: number;
  /** Requests from the first to the last. */
  readonly perSecond: number;
  /** The same of their second half. */
  readonly latePerSecond: number;
}

/** Both ask the same questions of the same server, which answers at once. */
export async function evaluation(folder: string): Promise<Row[]> {
  const server = await startInstantServer(MODEL);
  try {
    const short: Row[] = [];
    for (const concurrency of AT_A_TIME) {
      const [ours, peer] = await ask(server, folder, concurrency, 1);
      short.push(
        {
          what: `${count(QUESTIONS)} questions, ${concurrency} at a time, start-up included`,
          ours: `${ours.seconds.toFixed(1)} s`,
          peer: `${peer.seconds.toFixed(1)} s, lm-eval`,
          ...fasterThan(peer.seconds / ours.seconds, 5),
        },
        rateRow("the same, from the first request to the last", ours.perSecond, peer.perSecond),
      );
    }
    const long: Row[] = [];
    for (const concurrency of AT_A_TIME) {
      const [ours, peer] = await ask(server, folder, concurrency, SAMPLES);
      const what = `${count(QUESTIONS * SAMPLES)} questions, ${concurrency} at a time, the second half of the requests`;
      long.push(rateRow(what, ours.latePerSecond, peer.latePerSecond));
    }
    return [...short, ...long];
  } finally {
    server.close();
  }
}

function rateRow(what: string, ours: number, peer: number): Row {
  return {
    what,
    ours: `${count(ours)} requests/s`,
    peer: `${count(peer)} requests/s, lm-eval`,
    ...fasterThan(ours / peer, 1),
    why:
      "Requests per second: Python has no just-in-time compiler that 2,000 questions would have to warm up, and lm-eval sends " +
      "everything first and grades afterwards; here every answer is graded and in the journal before the next question is asked.",
  };
}

/** Every question `samples` times. */
async function ask(
  server: InstantServer,
  folder: string,
  concurrency: number,
  samples: number,
): Promise<[Asked, Asked]> {
  const lines = readFileSync(join(SHARED, "data/NQ/NQ-open.dev.jsonl"), "utf8").trim().split("\n").slice(0, QUESTIONS);
  const task = `questions-${samples}`;
  const data = join(folder, `${task}.jsonl`);
  writeFileSync(data, `${Array.from({ length: samples }, () => lines.join("\n")).join("\n")}\n`);
  writeFileSync(join(folder, `${task}.yaml`), describeTask(task, data));

  const asked = async (call: () => Promise<unknown>): Promise<Asked> => {
    const seconds = await wallSeconds(call);
    const { requests, ...rates } = await server.rate();
    if (requests !== QUESTIONS * samples) throw new Error(`${requests} of ${QUESTIONS * samples} questions were asked`);
    return { seconds, ...rates };
  };
  const model = ["--model", "r1-distill-qwen-1.5b", "--base-url", server.url, "--concurrency", concurrency];
  const dataset = ["--dataset", "nq", "--limit", QUESTIONS, "--samples", samples, "--data-dir", join(SHARED, "data")];
  const output = ["--output-dir", join(folder, `${task}-${concurrency}`), "--overwrite"];
  return inTurns(
    2,
    () => asked(() => pka("eval", ...model, ...dataset, ...output)),
    () => asked(() => lmEval(server.url, folder, task, concurrency)),
  );
}

async function lmEval(url: string, folder: string, task: string, concurrency: number): Promise<void> {
  const model = `model=${MODEL},base_url=${url}/completions,num_concurrent=${concurrency},tokenized_requests=False,tokenizer_backend=None`;
  const tasks = ["--include_path", folder, "--tasks", task, "--batch_size", 1];
  await run(LM_EVAL, ["run", "--model", "local-completions", "--model_args", model, ...tasks], {
    HF_HUB_OFFLINE: "1",
    HF_DATASETS_CACHE: join(folder, "datasets"),
  });
}

/** lm-eval's description of the questions: the paper's instruction, and exact match. */
function describeTask(name: string, data: string): string {
  return [
    `task: ${name}`,
    "dataset_path: json",
    `dataset_kwargs: {data_files: {test: ${JSON.stringify(data)}}}`,
    "test_split: test",
    "output_type: generate_until",
    'doc_to_text: "{{question}}\\nGive your final answer in <answer></answer> tags."',
    'doc_to_target: "{{answer[0]}}"',
    "generation_kwargs: {until: [], max_gen_toks: 4096, temperature: 0.6}",
    "metric_list: [{metric: exact_match, ignore_case: true}]",
  ].join("\n");
}
