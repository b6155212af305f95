import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Datum } from "@pka/core";
import { type FaultProxy, hurriedClock, startFaultProxy } from "@pka/fault-kit";
import { TinkerClient } from "@pka/tinker";
import { serve } from "../server/index.js";

const fastClock = hurriedClock(50);

const DATUMS: readonly Datum[] = [
  [261, 300, 301, 302, 260],
  [262, 310, 260],
  [263, 320, 321, 260],
  [264, 330, 331, 332, 333, 260],
  [265, 340, 341, 260],
].map((tokens, i) => ({
  tokens: tokens.slice(0, -1),
  targetTokens: tokens.slice(1),
  weights: tokens.slice(1).map((_, at) => (at < i % 2 ? 0 : 1)),
}));
const POLICY: readonly Datum[] = DATUMS.map(({ tokens, targetTokens }, i) => ({
  tokens,
  targetTokens,
  logprobs: tokens.map((_, at) => -4 - at / 8),
  advantages: tokens.map(() => (i % 2 === 0 ? 1 : -0.5)),
}));

/** All that a run leaves behind. Equal runs give equal outcomes, to the bit. */
export interface RunOutcome {
  readonly losses: readonly number[];
  readonly gradNorms: readonly (number | undefined)[];
  readonly samples: readonly { readonly tokens: readonly number[]; readonly logprobs: readonly number[] }[];
  /** Names as the service lists them. */
  readonly checkpoints: readonly string[];
  readonly numTrainingRuns: number;
  /** `weights/final` → SHA-256 of the file: adapters, moments and number of steps. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * One training run over real connections, through a proxy with faults, on a server of its own: three chunks to a pass, all requests on
 * their way at once, two losses, a checkpoint in the middle, a second model that goes on from it, and samples.
 * @param seed - Of the faults. Odd seeds send the chunks of a pass one by one, every third seed compresses them.
 * @param rate - Share of requests that meet a fault; 0 = none does.
 */
export async function runThroughFaults(
  seed: number,
  rate?: number,
): Promise<{ readonly outcome: RunOutcome; readonly met: FaultProxy["met"] }> {
  const dataDir = await mkdtemp(join(tmpdir(), "pka-faults-"));
  const server = await serve({ dataDir, worker: false, pollHoldMs: 100 });
  const config = {
    fwdbwd_max_chunk_len: 2,
    parallel_fwdbwd_chunks: seed % 2 === 0,
    proto_compress_fwdbwd: seed % 3 === 0,
  };
  const proxy = await startFaultProxy({ upstream: server.url, seed, rate, config });
  try {
    const client = new TinkerClient({
      baseUrl: proxy.url,
      apiKey: "tml-test",
      clock: fastClock,
      // A machine that is busy with other work makes the quick clock's minutes short.
      maxRetryMs: Number.POSITIVE_INFINITY,
      maxOutageMs: Number.POSITIVE_INFINITY,
    });
    const outcome = await train(client);
    await client.close();
    await proxy.close();
    return { outcome: { ...outcome, files: await digests(dataDir) }, met: proxy.met };
  } finally {
    await proxy.close();
    await server.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function train(client: TinkerClient): Promise<Omit<RunOutcome, "files">> {
  const training = await client.createLoraTrainingClient({ baseModel: "tiny-base", rank: 4, seed: 7 });
  const step = (model: typeof training, isPolicy: boolean) => {
    const pass = isPolicy
      ? model.forwardBackward(POLICY, "importance_sampling")
      : model.forwardBackward(DATUMS, "cross_entropy");
    return started(Promise.all([pass, model.optimStep({ learningRate: 1e-2, gradClipNorm: 1 })]));
  };
  const first = [step(training, false), step(training, true)];
  const half = started(training.saveState("half"));
  const rest = [step(training, false), step(training, true)];
  const final = started(training.saveState("final"));
  const named = started(training.saveWeightsForSampler("final"));
  const sampler = await training.saveWeightsAndGetSamplingClient();
  const request = (seed: number) => ({ prompt: [261, 300], numSamples: 2, params: { maxTokens: 6, seed } });
  const drawn = await Promise.all([1, 2, 3].map((seed) => sampler.sample(request(seed))));

  const resumed = await client.createTrainingClientFromStateWithOptimizer(await half);
  const again = [step(resumed, false), step(resumed, true)];
  const going = started(resumed.saveState("resumed"));
  const steps = await Promise.all([...first, ...rest, ...again]);
  await Promise.all([final, going]);
  const fromFile = await client.createSamplingClient({ modelPath: await named });
  drawn.push(await fromFile.sample(request(1)));

  await client.rest.deleteCheckpoint(await half);
  const { items: runs } = await client.rest.listTrainingRuns();
  const checkpoints = await Promise.all(
    [training, resumed].map(async ({ modelId }) => client.rest.listCheckpoints(modelId)),
  );
  await training.unload();
  await resumed.unload();
  return {
    losses: steps.map(([{ loss }]) => loss),
    gradNorms: steps.map(([, { metrics }]) => metrics["grad_norm"]),
    samples: drawn.flat().map(({ tokens, logprobs }) => ({ tokens, logprobs })),
    checkpoints: checkpoints.flat().map(({ checkpointId }) => checkpointId),
    numTrainingRuns: runs.length,
  };
}

/** Awaited later: its failure is none that nobody handles. */
function started<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** By kind and name: the ids of sessions are new in every run. */
async function digests(dataDir: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(dataDir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".safetensors")) continue;
    const content = await readFile(join(entry.parentPath, entry.name));
    found[`${basename(entry.parentPath)}/${entry.name}`] = createHash("sha256").update(content).digest("hex");
  }
  return found;
}
