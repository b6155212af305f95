import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@pka/fault-kit";
import { readResultRows } from "@pka/harness";
import { readCheckpoints, readJsonLines } from "@pka/training";
import { expect, test } from "vitest";
import { EXIT } from "./exit-codes.js";
import { runPka, startPka } from "./testing/run-pka.js";

const RESULTS = [
  "smallworld_tiny_rl-no-thinking_no_cues_no_thinking",
  "smallworld_tiny_rl_no_cues_no_thinking",
  "smallworld_tiny_rl_no_cues_with_thinking",
  "smallworld_tiny_sft_no_cues_no_thinking",
  "smallworld_tiny_sft_no_cues_with_thinking",
];

test("pka demo stops at Ctrl-C with what it wrote whole; again into the same folder it starts anew and comes to its end", async () => {
  const outputDir = temporaryFolder();
  const foreign = join(outputDir, "nq_gpt52_no_cues.json");
  writeFileSync(foreign, '{"results": []}');
  writeFileSync(join(outputDir, `${RESULTS[4]}.json`), "of an earlier demo");
  const args = ["demo", "--steps", "3", "--output-dir", outputDir, "--json"];

  const stopped = startPka(args);
  await stopped.said(/fine-tuning \d+\/176/);
  stopped.process.kill("SIGINT");
  expect(await stopped.exited).toMatchObject({ exitCode: EXIT.interrupted, stdout: "" });
  const sft = join(outputDir, "smallworld_tiny_sft");
  const [checkpoint] = readCheckpoints(join(sft, "checkpoints.jsonl"));
  expect(existsSync(checkpoint!.statePath!)).toBe(true);
  expect(readJsonLines(join(sft, "metrics.jsonl")).length).toBeLessThan(176);
  expect(readdirSync(outputDir).toSorted()).toEqual(["nq_gpt52_no_cues.json", "smallworld_tiny_sft"]);

  const { exitCode, stdout, stderr } = await runPka(args);
  expect(exitCode).toBe(EXIT.done);
  expect(stderr).toMatch(/say nothing about real models/);
  const { schema, note, seeds, pooled } = JSON.parse(stdout);
  expect(schema).toBe(1);
  expect(note).toMatch(/say nothing about real models/);
  const [{ seed, report, conditions, contrasts }] = seeds;
  expect(seed).toBe(0);
  expect(readJsonLines(join(sft, "metrics.jsonl"))).toHaveLength(176);
  expect(readJsonLines(join(outputDir, "smallworld_tiny_rl", "metrics.jsonl"))).toHaveLength(3);

  // The figures are those of the files.
  const written = readdirSync(outputDir).filter((name) => name.startsWith("smallworld") && name.includes(".json"));
  expect(written.toSorted()).toEqual(RESULTS.flatMap((stem) => [`${stem}.json`, `${stem}.jsonl`]).toSorted());
  const recalls: Record<string, number> = {};
  for (const { name, file, recall, recallInterval, recallOfCompleted, recallBounds, completed } of conditions) {
    const { rows } = await readResultRows(file, { columns: [] });
    expect(rows).toHaveLength(96 * 8);
    expect(recall).toBe(rows.filter(({ metrics }) => metrics.recall).length / rows.length);
    expect(recallInterval.lower).toBeLessThan(recall);
    expect(recallInterval.upper).toBeGreaterThan(recall);
    const successes = Math.round(recallOfCompleted * completed);
    expect(recallBounds).toEqual([successes / 768, (successes + 768 - completed) / 768]);
    recalls[name] = recall;
  }
  // Fine-tuning taught the format and some answers: no guessing among 20 names does that well, and no two hops are known by heart.
  expect(recalls["sftThinking"]).toBeGreaterThan(0.15);
  expect(recalls["sftThinking"]).toBeLessThan(0.6);
  const [gain] = contrasts;
  expect(gain).toMatchObject({ name: "rlGain", first: "rlThinking", second: "sftThinking" });
  expect(gain.difference).toBeCloseTo(recalls["rlThinking"]! - recalls["sftThinking"]!, 12);
  expect(gain.interval.lower).toBeLessThan(gain.difference);
  expect(pooled).toMatchObject({ seeds: 1, mean: gain.difference, isReproduced: null });

  expect(report).toBe(join(outputDir, "report.html"));
  const html = readFileSync(report, "utf8");
  expect(html).toContain("say nothing about real models");
  expect(html).toMatch(/tiny <i>rl<\/i>/);
  expect(html).not.toContain("GPT-5.2");
  expect(readFileSync(foreign, "utf8")).toBe('{"results": []}');
}, 300_000);
