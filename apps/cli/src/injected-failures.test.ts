import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Random } from "@pka/core";
import { type OpenaiAnswer, serveOpenai, temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { EXIT } from "./exit-codes.js";
import { runPka } from "./testing/run-pka.js";

const ROWS = 1000;
const SHARES = { error: 0.1, empty: 0.05, cut: 0.05, garbage: 0.02 } as const;
const COUNTS = { error: 100, empty: 50, cut: 50, garbage: 20 } as const;
type Fault = keyof typeof SHARES;

/** Which row meets what: so many of each, in an order that the seed decides. */
function draw(seed: number, kinds: readonly Fault[]): (Fault | undefined)[] {
  const faults: (Fault | undefined)[] = kinds.flatMap((kind) => Array<Fault>(SHARES[kind] * ROWS).fill(kind));
  while (faults.length < ROWS) faults.push(undefined);
  return new Random(seed).shuffle(faults);
}

const STATUSES = [500, 502, 504];
/** At every attempt, so that retries do not help. */
const broken = (row: number): OpenaiAnswer => ({ status: STATUSES[row % STATUSES.length]!, body: "<html>oops</html>" });

test("pka eval: 10 % 5xx, 5 % empty, 5 % cut inside the thinking are counted by their names, exactly, and asked again", async () => {
  const faults = draw(1, ["error", "empty", "cut"]);
  let isRepaired = false;
  const answer = (prompt: string): OpenaiAnswer => {
    const row = Number(/number (\d+)/.exec(prompt)![1]);
    const fault = isRepaired ? undefined : faults[row];
    if (fault === "error") return broken(row);
    if (fault === "empty") return { text: "" };
    if (fault === "cut") return { text: "It may well be a", finishReason: "length" };
    return { text: `Easy.</think><answer>a${row}</answer>` };
  };
  const server = await serveOpenai({ model: "stub", answer });
  const dataDir = temporaryFolder();
  mkdirSync(join(dataDir, "NQ"));
  const rows = faults.map((_, row) => JSON.stringify({ question: `number ${row}?`, answer: [`a${row}`] }));
  writeFileSync(join(dataDir, "NQ", "NQ-open.dev.jsonl"), `${rows.join("\n")}\n`);
  const outputDir = join(dataDir, "results");
  const asked = ["eval", "--model", "vllm:stub", "--renderer", "r1", "--dataset", "nq", "--data-dir", dataDir];
  const args = [...asked, "--base-url", server.baseUrl, "--concurrency", "128", "--output-dir", outputDir];
  const result = () => JSON.parse(readFileSync(join(outputDir, "nq_vllm-stub_no_cues_with_thinking.json"), "utf8"));

  const first = await runPka([...args, "--json"]);
  expect(first.stderr).toContain("100 of 1000");
  const outcomes = {
    answered: 800,
    empty: COUNTS.empty,
    truncated: 0,
    "truncated-thinking": COUNTS.cut,
    refused: 0,
    unparsed: 0,
    error: COUNTS.error,
  };
  const { summary } = JSON.parse(first.stdout).evaluations[0].report;
  expect(summary).toMatchObject({ total: ROWS, finished: ROWS, completed: 800, outcomes });
  expect(summary.metrics.exactMatch).toMatchObject({
    successes: 800,
    rateOfAll: 0.8,
    rateOfCompleted: 1,
    bounds: [0.8, 1],
  });
  expect(result().pka).toMatchObject({ total: ROWS, completed: 800, outcomes });
  expect(result().pka.metrics.exact_match).toMatchObject({ rate_of_all: 0.8, rate_of_completed: 1, bounds: [0.8, 1] });

  // What was answered, with whatever answer, is not asked again; the table says what the rate is made of.
  isRepaired = true;
  const before = server.prompts.length;
  const second = await runPka(args);
  expect(second.exitCode).toBe(EXIT.done);
  expect(server.prompts.length - before).toBe(COUNTS.error);
  expect(second.stdout).toContain("of 1000 rows: 50 empty, 50 truncated-thinking");
  expect(result().pka.outcomes).toEqual({ ...outcomes, answered: 900, error: 0 });
}, 180_000);

test("pka refine: a judge's 10 % 5xx, 5 % empty, 5 % cut and 2 % garbage verdicts are counted apart, exactly", async () => {
  const faults = draw(2, ["error", "empty", "cut", "garbage"]);
  const garbage = [
    '{"verdict": \u0000}',
    "I'm sorry, but I can't help with that.",
    "Refined Answer: ?",
    "𓂀".repeat(500),
  ];
  const answer = (prompt: string): OpenaiAnswer => {
    const row = Number(/Original Answer: Paris (\d+)/.exec(prompt)![1]);
    const fault = faults[row];
    if (fault === "error") return broken(row);
    if (fault === "empty") return { text: "" };
    if (fault === "cut") return { text: "", finishReason: "length" };
    return { text: fault === "garbage" ? garbage[row % garbage.length]! : `Paris ${row}` };
  };
  const server = await serveOpenai({ model: "gpt-5-mini-2025-08-07", answer });
  const folder = temporaryFolder();
  const results = faults.map((_, row) => ({
    question: `question ${row}`,
    ground_truth: [`Paris ${row}`],
    raw_prediction: `Paris ${row}`,
    extracted_prediction: `Paris ${row}`,
    num_tokens: 1,
    exact_match: true,
    recall: true,
  }));
  const source = join(folder, "nq_gpt52_no_cues.json");
  writeFileSync(source, JSON.stringify({ results }));
  const args = ["refine", "--target-files", source, "--concurrency", "128", "--json"];
  const run = await runPka(args, { OPENAI_API_KEY: "sk-test", OPENAI_BASE_URL: server.baseUrl });

  expect(run.stderr).toContain("100 of 1000 rows ended in an error");
  const { summary } = JSON.parse(run.stdout).refinements[0];
  const good = ROWS - COUNTS.error - COUNTS.empty - COUNTS.cut - COUNTS.garbage;
  expect(summary).toMatchObject({
    total: ROWS,
    refined: ROWS - COUNTS.error,
    errors: COUNTS.error,
    skipped: 0,
    notAsked: 0,
  });
  expect(summary.recall.successes).toBe(good);
  const apologies = faults.filter((fault, row) => fault === "garbage" && row % garbage.length === 1).length;
  const labels = faults.filter((fault, row) => fault === "garbage" && row % garbage.length === 2).length;
  const counted = Object.fromEntries(
    Object.entries(summary.audit as Record<string, { count: number }>).map(([name, { count }]) => [name, count]),
  );
  // Every answer was right before: what the judge made of it is all that was lost.
  const spoilt = COUNTS.empty + COUNTS.cut + COUNTS.garbage;
  expect(counted).toEqual({
    changed: spoilt,
    missesTurnedHits: 0,
    hitsTurnedMisses: spoilt,
    refusals: apologies,
    leaks: labels,
    empty: COUNTS.empty + COUNTS.cut,
    truncated: COUNTS.cut,
  });
  const written: { recalled: boolean; refined_answer: string; error?: string }[] = JSON.parse(
    readFileSync(join(folder, "ex_nq_gpt52_no_cues.json"), "utf8"),
  ).results;
  for (const [row, { recalled, error }] of written.entries()) {
    expect({ row, recalled, failed: error !== undefined }).toEqual({
      row,
      recalled: faults[row] === undefined,
      failed: faults[row] === "error",
    });
  }
}, 180_000);
