import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { END_TOKEN, openEngine } from "@pka/engine";
import { type RunningServer, serve } from "@pka/engine/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runOrThrow } from "../run.js";
import { SDK_VERSIONS, sdkPython } from "./sdk-python.js";

interface Sequence {
  readonly tokens: number[];
  readonly logprobs: number[];
  readonly stop: string;
}

/** What drive.py prints. */
interface Seen {
  readonly version: string;
  readonly models: string[];
  readonly info: { model_id: string; base: string; rank: number };
  readonly forward_logprobs: number[][];
  readonly losses: number[];
  readonly optim_metrics: Record<string, number>;
  readonly policy: Record<"importance_sampling" | "ppo" | "cispo" | "dro", number>;
  readonly policy_logprob_sum: number;
  readonly num_targets: number;
  readonly custom: { loss: number; expected: number };
  readonly mismatch: string;
  readonly state: { path: string; moved: boolean; loaded: boolean; continued: boolean; fresh: boolean };
  readonly taken: string;
  readonly samples: Sequence[];
  readonly same_seed: boolean;
  readonly greedy: Sequence;
  readonly stopped: Sequence;
  readonly prompt_logprobs: (number | null)[];
  readonly topk: ([number, number][] | null)[];
  readonly compute_logprobs: (number | null)[];
  readonly named: Sequence;
  readonly base: Sequence;
  readonly run: { base: string; rank: number; last: string };
  readonly checkpoints: string[];
  readonly published: boolean[];
  readonly weights_info: { base: string; rank: number };
  readonly archive?: string;
  readonly after_delete: string[];
  readonly session_runs: number;
  readonly deleted: string;
}

/** As in drive.py. */
const DOCUMENTS = [
  [261, 300, 301, 302, 303, 260],
  [262, 310, 311, 260],
  [263, 320, 321, 322, 260],
];
const DATUMS = DOCUMENTS.map((tokens) => ({ tokens: tokens.slice(0, -1), targetTokens: tokens.slice(1) }));

describe.each(SDK_VERSIONS)("the official SDK %s", (version) => {
  const python = sdkPython(version);
  describe.skipIf(python === null)("drives the server", () => {
    const dataDir = mkdtempSync(join(tmpdir(), "pka-conformance-"));
    let server: RunningServer;
    let seen: Seen;

    beforeAll(async () => {
      server = await serve({ dataDir, worker: false, apiKey: "tml-conformance" });
      const drive = join(import.meta.dirname, "drive.py");
      const env = { TINKER_TELEMETRY: "0" };
      const { stdout } = await runOrThrow(python!, [drive, server.url], { timeoutMs: 150_000, env });
      seen = JSON.parse(stdout) as Seen;
    });

    afterAll(async () => {
      await server.close();
      rmSync(dataDir, { recursive: true, force: true });
    });

    test("through training, whose loss falls, with the engine's own numbers", async () => {
      expect(seen.version).toBe(version);
      expect(seen.models).toEqual(["tiny", "tiny-base"]);
      expect(seen.info).toMatchObject({ base: "tiny-base", rank: 8 });
      const engine = await openEngine("tiny-base", { worker: false });
      const local = await engine.trainingClient({ lora: { rank: 8, alpha: 32 }, seed: 7 });
      const { logprobs } = await local.forward(DATUMS, "cross_entropy");
      expectClose(
        seen.forward_logprobs.flat(),
        logprobs.flatMap((row) => [...row]),
      );
      const losses: number[] = [];
      for (let step = 0; step < 8; step++) {
        losses.push((await local.forwardBackward(DATUMS, "cross_entropy")).loss);
        await local.optimStep({ learningRate: 1e-2 });
      }
      expectClose(seen.losses, losses);
      expect(seen.losses.at(-1)!).toBeLessThan(seen.losses[0]! / 2);
      expect(seen.optim_metrics).toHaveProperty("grad_norm");
      await engine.close();
    });

    test("through every loss", () => {
      // At ratios of 1 and advantages of ½: −Σ A, −Σ A, −Σ A·logp, −Σ A·logp.
      const [advantages, weighted] = [-0.5 * seen.num_targets, -0.5 * seen.policy_logprob_sum];
      expect(seen.policy.importance_sampling).toBeCloseTo(advantages, 4);
      expect(seen.policy.ppo).toBeCloseTo(advantages, 4);
      expect(seen.policy.cispo).toBeCloseTo(weighted, 4);
      expect(seen.policy.dro).toBeCloseTo(weighted, 4);
      expect(seen.custom.loss).toBeCloseTo(seen.custom.expected, 3);
    });

    test("through failures that it knows as such", () => {
      expect(seen.mismatch).toContain("data[0].weights has the shape [1], and target_tokens has [2]");
      expect(seen.taken).toContain("exists already");
      expect(seen.deleted).toContain("there is no checkpoint");
    });

    test("through saving, loading and going on from a state", () => {
      expect(seen.state).toMatchObject({ moved: true, loaded: true, continued: true, fresh: true });
      expect(seen.state.path).toBe(`tinker://${seen.info.model_id}/weights/ck`);
    });

    test("through sampling", async () => {
      const engine = await openEngine("tiny-base", { worker: false });
      const end = engine.tokenizer.tokenId(END_TOKEN);
      const client = await engine.samplingClient();
      const params = { maxTokens: 6, temperature: 0, stop: [end] };
      const [base] = await client.sample({ prompt: DOCUMENTS[0]!.slice(0, 3), params });
      expect(seen.base.tokens).toEqual(base!.tokens);
      expectClose(seen.base.logprobs, base!.logprobs);
      await engine.close();

      expect(seen.samples).toHaveLength(4);
      expect(new Set(seen.samples.map(({ tokens }) => tokens.join())).size).toBeGreaterThan(1);
      for (const { tokens, logprobs, stop } of seen.samples) {
        expect(logprobs).toHaveLength(tokens.length);
        expect(stop.endsWith("stop")).toBe(tokens.at(-1) === end);
      }
      expect(seen.same_seed).toBe(true);
      const at = seen.greedy.tokens.indexOf(seen.greedy.tokens[1]!);
      expect(seen.stopped.tokens).toEqual(seen.greedy.tokens.slice(0, at + 1));
      expect(seen.prompt_logprobs[0]).toBeNull();
      expect(seen.compute_logprobs).toEqual(seen.prompt_logprobs);
      expect(seen.topk[0]).toBeNull();
      for (const row of seen.topk.slice(1)) expect(row![0]![1]).toBeGreaterThanOrEqual(row![1]![1]);
      expect(seen.named.tokens.length).toBeGreaterThan(0);
    });

    test("through the listings", async () => {
      const run = `tinker://${seen.info.model_id}`;
      expect(seen.run).toEqual({ base: "tiny-base", rank: 8, last: "weights/ck" });
      expect(seen.checkpoints).toEqual([`${run}/sampler_weights/final`, `${run}/weights/ck`]);
      expect(seen.published).toEqual([true]);
      expect(seen.weights_info).toEqual({ base: "tiny-base", rank: 8 });
      expect(seen.after_delete).toEqual([`${run}/sampler_weights/final`]);
      expect(seen.session_runs).toBe(3);
      // Newer versions have no call for it.
      if (seen.archive === undefined) return;
      const reply = await fetch(seen.archive);
      expect(reply.headers.get("content-type")).toBe("application/x-tar");
    });
  });
});

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of actual.entries()) expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-5);
}
