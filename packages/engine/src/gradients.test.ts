import { type Datum, type LossFn, Random } from "@pka/core";
import { describe, expect, test } from "vitest";
import type { ModelConfig } from "./model-config.js";
import { modelLayout, type TensorLayout } from "./tensors.js";
import { Trainer } from "./trainer.js";
import { Transformer } from "./transformer.js";

// An independent model in plain loops over doubles. It shares the names and order of the tensors with the engine, and nothing else.

type Parameters = Float64Array;

const CONFIG: ModelConfig = {
  vocabSize: 37,
  hiddenSize: 16,
  numLayers: 2,
  numHeads: 2,
  feedForwardSize: 24,
  contextLength: 64,
};
const LAYOUT = modelLayout(CONFIG);
const CLIP = { clipLowThreshold: 0.7, clipHighThreshold: 1.1 };

/** x · W for one row x. */
function rowTimes(x: number[], parameters: Parameters, name: string): number[] {
  const { offset, rows: inputs, columns: outputs } = LAYOUT.get(name);
  return Array.from({ length: outputs }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < inputs; i++) sum += x[i]! * parameters[offset + i * outputs + j]!;
    return sum;
  });
}

function rmsNorm(x: number[], parameters: Parameters, name: string): number[] {
  const { offset } = LAYOUT.get(name);
  const root = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / x.length + 1e-5);
  return x.map((value, i) => (value / root) * parameters[offset + i]!);
}

function rotary(head: number[], position: number): number[] {
  const half = head.length / 2;
  return head.map((value, i) => {
    const angle = position / 10_000 ** ((i % half) / half);
    const partner = i < half ? -head[i + half]! : head[i - half]!;
    return value * Math.cos(angle) + partner * Math.sin(angle);
  });
}

function softmax(scores: number[]): number[] {
  const largest = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - largest));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

function plus(a: number[], b: number[]): number[] {
  return a.map((value, i) => value + b[i]!);
}

/** Logprob of every target of one sequence. */
function oracleLogprobs({ tokens, targetTokens }: Datum, parameters: Parameters): number[] {
  const { hiddenSize: size, numHeads, numLayers, feedForwardSize, vocabSize } = CONFIG;
  const headSize = size / numHeads;
  const embedding = LAYOUT.get("embedding").offset;
  let stream = tokens.map((token) =>
    Array.from(parameters.slice(embedding + token * size, embedding + (token + 1) * size)),
  );
  for (let layer = 0; layer < numLayers; layer++) {
    const name = `layers.${layer}`;
    const qkv = stream.map((x) =>
      rowTimes(rmsNorm(x, parameters, `${name}.attention.norm`), parameters, `${name}.attention.qkv`),
    );
    const part = (row: number, which: 0 | 1 | 2, head: number): number[] => {
      const start = which * size + head * headSize;
      const values = qkv[row]!.slice(start, start + headSize);
      return which === 2 ? values : rotary(values, row);
    };
    stream = stream.map((x, row) => {
      const heads = Array.from({ length: numHeads }, (_, head) => {
        const q = part(row, 0, head);
        const scores = Array.from({ length: row + 1 }, (__, j) => {
          const k = part(j, 1, head);
          return q.reduce((sum, value, i) => sum + value * k[i]!, 0) / Math.sqrt(headSize);
        });
        const attention = softmax(scores);
        return q.map((_q, i) => attention.reduce((sum, weight, j) => sum + weight * part(j, 2, head)[i]!, 0));
      });
      return plus(x, rowTimes(heads.flat(), parameters, `${name}.attention.out`));
    });
    stream = stream.map((x) => {
      const normed = rmsNorm(x, parameters, `${name}.feed_forward.norm`);
      const gateUp = rowTimes(normed, parameters, `${name}.feed_forward.gate_up`);
      const activated = Array.from({ length: feedForwardSize }, (_, i) => {
        const gate = gateUp[i]!;
        return (gate / (1 + Math.exp(-gate))) * gateUp[feedForwardSize + i]!;
      });
      return plus(x, rowTimes(activated, parameters, `${name}.feed_forward.down`));
    });
  }
  return stream.map((x, row) => {
    const hidden = rmsNorm(x, parameters, "norm");
    const logits = Array.from({ length: vocabSize }, (_, id) =>
      hidden.reduce((sum, value, i) => sum + value * parameters[embedding + id * size + i]!, 0),
    );
    return Math.log(softmax(logits)[targetTokens[row]!]!);
  });
}

function clip(ratio: number): number {
  return Math.min(Math.max(ratio, CLIP.clipLowThreshold), CLIP.clipHighThreshold);
}

/** The summed loss. `frozen` are the logprobs at which CISPO's clipped ratios stand still. */
function oracleLoss(datums: Datum[], lossFn: LossFn, parameters: Parameters, frozen?: number[][]): number {
  return datums
    .flatMap((datum, d) =>
      oracleLogprobs(datum, parameters).map((logprob, t) => {
        if (lossFn === "cross_entropy") return -(datum.weights?.[t] ?? 1) * logprob;
        const advantage = datum.advantages![t]!;
        const ratio = Math.exp(logprob - datum.logprobs![t]!);
        if (lossFn === "importance_sampling") return -ratio * advantage;
        if (lossFn === "ppo") return -Math.min(ratio * advantage, clip(ratio) * advantage);
        return -clip(Math.exp((frozen?.[d]?.[t] ?? logprob) - datum.logprobs![t]!)) * advantage * logprob;
      }),
    )
    .reduce((sum, value) => sum + value, 0);
}

const random = new Random(11);
const LENGTHS = [7, 1, 12, 3];

/** Ragged datums with weights and advantages of both signs; the sampler's logprobs are off by up to ±0.4 so that some ratios clip. */
function makeDatums(lossFn: LossFn, weights: Float32Array): Datum[] {
  return LENGTHS.map((length): Datum => {
    const ids = (): number[] => Array.from({ length }, () => random.integer(CONFIG.vocabSize));
    const signed = (): number[] => Array.from({ length }, () => random.normal());
    const datum = { tokens: ids(), targetTokens: ids() };
    if (lossFn === "cross_entropy") return { ...datum, weights: signed() };
    const logprobs = oracleLogprobs(datum, Float64Array.from(weights)).map((p) => p + 0.8 * (random.next() - 0.5));
    return { ...datum, logprobs, advantages: signed() };
  });
}

function randomWeights(seed: number): Float32Array {
  const model = new Transformer(CONFIG);
  model.initialize(new Random(seed));
  // Larger than a fresh start, so that attention and softmax are far from uniform; gains away from 1.
  const noise = new Random(seed + 1);
  return model.copyWeights().map((value) => (value === 0 ? 0 : value * 1.5 + 0.05 * noise.normal()));
}

/**
 * For each tensor, the derivative along two random directions: the engine's gradient against the oracle's 4th-order difference.
 * The worst error, relative to the norm of the tensor's gradient.
 */
function worstError(
  layout: TensorLayout,
  gradient: Float32Array,
  at: Parameters,
  loss: (p: Parameters) => number,
): Map<string, number> {
  const errors = new Map<string, number>();
  for (const { name, offset, length } of layout.tensors) {
    const norm = Math.hypot(...gradient.subarray(offset, offset + length));
    let worst = 0;
    for (let repeat = 0; repeat < 2; repeat++) {
      const direction = Float64Array.from({ length }, () => random.normal() / Math.sqrt(length));
      const along = (step: number): number => {
        const moved = at.slice();
        for (let i = 0; i < length; i++) if (at[offset + i] !== 0) moved[offset + i]! += step * direction[i]!;
        return loss(moved);
      };
      const h = 1e-4;
      const expected = (8 * (along(h) - along(-h)) - (along(2 * h) - along(-2 * h))) / (12 * h);
      let actual = 0;
      for (let i = 0; i < length; i++) actual += gradient[offset + i]! * direction[i]!;
      worst = Math.max(worst, Math.abs(actual - expected) / (norm / Math.sqrt(length) + 1e-6));
    }
    errors.set(name, worst);
  }
  return errors;
}

const LOSSES: LossFn[] = ["cross_entropy", "importance_sampling", "ppo", "cispo"];

describe.each(LOSSES)("%s", (lossFn) => {
  const weights = randomWeights(3);
  const datums = makeDatums(lossFn, weights);
  const doubles = Float64Array.from(weights);

  test("logprobs and loss equal those of a plain model in double precision", () => {
    const result = new Trainer(CONFIG, weights).forward(datums, lossFn, CLIP);
    for (const [i, datum] of datums.entries()) {
      const expected = oracleLogprobs(datum, doubles);
      expect(result.logprobs[i]).toHaveLength(expected.length);
      for (const [t, logprob] of expected.entries()) expect(result.logprobs[i]![t]).toBeCloseTo(logprob, 4);
    }
    expect(result.loss).toBeCloseTo(oracleLoss(datums, lossFn, doubles), 3);
  });

  test("the gradient of every tensor equals finite differences", () => {
    const trainer = new Trainer(CONFIG, weights);
    const { loss } = trainer.forwardBackward(datums, lossFn, CLIP);
    expect(loss).toBeCloseTo(trainer.forward(datums, lossFn, CLIP).loss, 6);
    const frozen = datums.map((datum) => oracleLogprobs(datum, doubles));
    const errors = worstError(LAYOUT, trainer.gradients(), doubles, (moved) =>
      oracleLoss(datums, lossFn, moved, frozen),
    );
    expect(errors.size).toBe(LAYOUT.tensors.length);
    for (const [name, error] of errors) expect(error, name).toBeLessThan(1e-3);
  });

  test("the gradient of every LoRA adapter equals finite differences", () => {
    const trainer = new Trainer(CONFIG, weights, { lora: { rank: 3, alpha: 6 } });
    const { lora } = trainer;
    const state = trainer.state();
    const padded = 8;
    const adapters = state.adapters!.slice();
    // A fresh B is zero, and so would be A's gradient.
    for (const { name, shape, offset } of lora!.layout.tensors.filter((tensor) => tensor.name.endsWith(".b"))) {
      const used = 3 * shape[1]!;
      for (let i = offset; i < offset + used; i++) adapters[i] = 0.2 * random.normal();
      expect(name).toMatch(/^lora\./);
    }
    trainer.load({ ...state, adapters }, { optimizer: false });
    trainer.forwardBackward(datums, lossFn, CLIP);

    /** Dense weights of these adapters: W₀ + 6/3 · A · B. */
    const merge = (moved: Parameters): Parameters => {
      const merged = doubles.slice();
      for (const { name, shape, offset } of lora!.layout.tensors.filter((tensor) => tensor.name.endsWith(".a"))) {
        const target = LAYOUT.get(name.slice("lora.".length, -".a".length));
        const { rows: inputs, columns: outputs } = target;
        const b = lora!.layout.get(name.replace(/a$/, "b")).offset;
        expect(shape).toEqual([inputs, padded]);
        for (let i = 0; i < inputs; i++) {
          for (let j = 0; j < outputs; j++) {
            let sum = 0;
            for (let r = 0; r < 3; r++) sum += moved[offset + i * padded + r]! * moved[b + r * outputs + j]!;
            merged[target.offset + i * outputs + j]! += 2 * sum;
          }
        }
      }
      return merged;
    };
    const at = Float64Array.from(adapters);
    const frozen = datums.map((datum) => oracleLogprobs(datum, merge(at)));
    const errors = worstError(lora!.layout, trainer.gradients(), at, (moved) =>
      oracleLoss(datums, lossFn, merge(moved), frozen),
    );
    expect(errors.size).toBe(16);
    for (const [name, error] of errors) expect(error, name).toBeLessThan(1e-3);
  });
});
