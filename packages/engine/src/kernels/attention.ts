import { type Expression, f32, f32x4, type FunctionBuilder, i32, type Local, type ModuleBuilder } from "../wasm.js";
import { exp, F32_BYTES, maxLane, sumEach, sumLanes, V128_BYTES } from "./expressions.js";

type I32 = Expression<"i32">;
type F32 = Expression<"f32">;

/** What a score beyond the last key is set to, so that a whole vector can be read there. */
const MASKED = -1e30;

/**
 * Causal attention of one head over one sequence, and its backward pass. Query row i sees the first `seen` + i keys:
 * `seen` = 1 for a whole sequence, the number of cached tokens when decoding one row. A head's size is a multiple of 8; strides
 * are in bytes; `scores` is scratch for the longest row plus one vector, twice that in the backward pass. Probabilities are not
 * kept: the backward pass recomputes them from the `stats` of each row, its largest score and 1 / Σ exp(score − largest), so
 * memory stays linear in the sequence's length.
 */
export function defineAttention(module: ModuleBuilder): void {
  module.function(
    "attend",
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "f32"],
    (body, rows, seen, headSize, q, qStride, k, v, kvStride, y, yStride, stats, statsStride, scores, scale) => {
      const headBytes = body.let(i32.shl(headSize, 2));
      const largest = body.local("f32");
      const inverse = body.local("f32");
      const sum = body.local("v128");
      const end = body.let(i32.add(seen, rows));
      body.while(i32.lt(seen, end), () => {
        const last = body.let(i32.add(scores, i32.shl(seen, 2)));
        dotRows(body, { weights: scores, last, rows: k, stride: kvStride }, q, headBytes, scale);
        body.storeV128(last, f32x4.const(MASKED));

        body.set(sum, f32x4.const(MASKED));
        body.range(scores, last, V128_BYTES, (i) => body.set(sum, f32x4.pmax(sum, f32x4.load(i))));
        body.set(largest, maxLane(body, sum));

        body.set(sum, f32x4.const(0));
        body.range(scores, last, V128_BYTES, (i) => {
          const weight = exp(body, f32x4.sub(f32x4.load(i), f32x4.splat(largest)));
          body.storeV128(i, weight);
          body.set(sum, f32x4.add(sum, weight));
        });
        body.set(inverse, f32.div(f32.const(1), sumLanes(body, sum)));
        body.storeF32(stats, largest);
        body.storeF32(stats, inverse, F32_BYTES);

        sumRows(body, { weights: scores, last, rows: v, stride: kvStride }, y, headBytes, inverse);
        body.increment(q, qStride);
        body.increment(y, yStride);
        body.increment(stats, statsStride);
        body.increment(seen, i32.const(1));
      });
    },
  );

  // Writes dq, adds to dk and dv; all three lie in rows of `stride` like q, k and v; y and dy lie in rows of `yStride`.
  // With p the probabilities and dp = dy·v: ds = scale · p · (dp − dy·y), dq = Σ ds·k, dk += ds·q and dv += p·dy.
  module.function(
    "attendBackward",
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "f32"],
    (body, rows, headSize, q, k, v, stride, y, dy, yStride, stats, statsStride, dq, dk, dv, scores, scale) => {
      const headBytes = body.let(i32.shl(headSize, 2));
      const delta = body.local("f32");
      const dScores = body.let(i32.add(scores, i32.shl(i32.add(rows, i32.const(4)), 2)));
      const dScore = body.local("i32");
      const rowBytes = body.let(i32.const(F32_BYTES));
      const one = f32.const(1);
      body.range(i32.const(0), rows, 1, () => {
        const last = body.let(i32.add(scores, rowBytes));
        const dLast = body.let(i32.add(dScores, rowBytes));
        dotRows(body, { weights: scores, last, rows: k, stride }, q, headBytes, scale);
        dotRows(body, { weights: dScores, last: dLast, rows: v, stride }, dy, headBytes, one);
        body.set(delta, dot(body, dy, y, headBytes));
        body.set(dScore, dScores);
        body.range(scores, last, V128_BYTES, (i) => {
          const shifted = f32x4.sub(f32x4.load(i), f32x4.loadSplat(stats));
          const probability = body.let(f32x4.mul(exp(body, shifted), f32x4.loadSplat(stats, F32_BYTES)));
          body.storeV128(i, probability);
          const change = f32x4.mul(f32x4.sub(f32x4.load(dScore), f32x4.splat(delta)), f32x4.splat(scale));
          body.storeV128(dScore, f32x4.mul(probability, change));
          body.increment(dScore, i32.const(V128_BYTES));
        });
        sumRows(body, { weights: dScores, last: dLast, rows: k, stride }, dq, headBytes, one);
        addToRows(body, { weights: dScores, last: dLast, rows: dk, stride }, q, headBytes);
        addToRows(body, { weights: scores, last, rows: dv, stride }, dy, headBytes);
        body.increment(q, stride);
        body.increment(dq, stride);
        body.increment(y, yStride);
        body.increment(dy, yStride);
        body.increment(stats, statsStride);
        body.increment(rowBytes, i32.const(F32_BYTES));
      });
    },
  );
}

/** One weight per row: `weights` up to `last`, and rows of a head `stride` bytes apart, from `rows` on. */
interface WeightedRows {
  readonly weights: I32;
  readonly last: I32;
  readonly rows: I32;
  readonly stride: I32;
}

/** weights[j] = scale · x·rows[j]. Four rows at a time, so that their sums over lanes are made together. */
function dotRows(
  body: FunctionBuilder,
  { weights, last, rows, stride }: WeightedRows,
  x: I32,
  headBytes: I32,
  scale: F32,
): void {
  const quad = <T>(make: () => T) => [make(), make(), make(), make()] as const;
  const [fourRows, sums] = [quad(() => body.local("i32")), quad(() => body.local("v128"))];
  const first = body.let(rows);
  const quads = body.let(i32.add(weights, i32.and(i32.sub(last, weights), i32.const(-V128_BYTES))));
  const single = body.range(weights, quads, V128_BYTES, (i) => {
    for (const [n, row] of fourRows.entries()) {
      body.set(row, first);
      body.increment(first, stride);
      body.set(sums[n]!, f32x4.const(0));
    }
    body.range(x, i32.add(x, headBytes), 2 * V128_BYTES, (xAt) => {
      for (const offset of [0, V128_BYTES]) {
        const value = body.let(f32x4.load(xAt, offset));
        for (const [n, row] of fourRows.entries()) {
          body.set(sums[n]!, f32x4.add(sums[n]!, f32x4.mul(value, f32x4.load(row, offset))));
        }
      }
      for (const row of fourRows) body.increment(row, i32.const(2 * V128_BYTES));
    });
    body.storeV128(i, f32x4.mul(sumEach(body, sums), f32x4.splat(scale)));
  });
  body.while(i32.lt(single, last), () => {
    body.storeF32(single, f32.mul(dot(body, x, first, headBytes), scale));
    body.increment(first, stride);
    body.increment(single, i32.const(F32_BYTES));
  });
}

/** target = scale · Σ weights[j] · rows[j] */
function sumRows(
  body: FunctionBuilder,
  { weights, last, rows, stride }: WeightedRows,
  target: I32,
  headBytes: I32,
  scale: F32,
): void {
  const row = body.local("i32");
  eachChunk(body, headBytes, (d, vectors) => {
    const sums = vectors.map(() => body.let(f32x4.const(0)));
    body.set(row, i32.add(rows, d));
    body.range(weights, last, F32_BYTES, (i) => {
      const weight = body.let(f32x4.loadSplat(i));
      for (const [n, offset] of vectors.entries()) {
        body.set(sums[n]!, f32x4.add(sums[n]!, f32x4.mul(weight, f32x4.load(row, offset))));
      }
      body.increment(row, stride);
    });
    const targetAt = body.let(i32.add(target, d));
    for (const [n, offset] of vectors.entries())
      body.storeV128(targetAt, f32x4.mul(sums[n]!, f32x4.splat(scale)), offset);
  });
}

/** rows[j] += weights[j] · x */
function addToRows(body: FunctionBuilder, { weights, last, rows, stride }: WeightedRows, x: I32, headBytes: I32): void {
  const row = body.local("i32");
  eachChunk(body, headBytes, (d, vectors) => {
    const xAt = body.let(i32.add(x, d));
    const values = vectors.map((offset) => body.let(f32x4.load(xAt, offset)));
    body.set(row, i32.add(rows, d));
    body.range(weights, last, F32_BYTES, (i) => {
      const weight = body.let(f32x4.loadSplat(i));
      for (const [n, offset] of vectors.entries()) {
        body.storeV128(row, f32x4.add(f32x4.load(row, offset), f32x4.mul(weight, values[n]!)), offset);
      }
      body.increment(row, stride);
    });
  });
}

/** Run `visit` for every 4 vectors of a head, then for 2 where that many are left; `vectors` are their offsets from `d` in bytes. */
function eachChunk(
  body: FunctionBuilder,
  headBytes: I32,
  visit: (d: Local<"i32">, vectors: readonly number[]) => void,
): void {
  const chunk = [0, 1, 2, 3].map((n) => n * V128_BYTES);
  const whole = body.let(i32.and(headBytes, i32.const(-4 * V128_BYTES)));
  const d = body.range(i32.const(0), whole, 4 * V128_BYTES, (offset) => visit(offset, chunk));
  body.if(i32.lt(d, headBytes), () => visit(d, chunk.slice(0, 2)));
}

/** Sum of products of `bytes` bytes at two addresses. */
function dot(body: FunctionBuilder, a: I32, b: I32, bytes: I32): Local<"f32"> {
  const sum = body.let(f32x4.const(0));
  body.range(i32.const(0), bytes, V128_BYTES, (i) => {
    body.set(sum, f32x4.add(sum, f32x4.mul(f32x4.load(i32.add(a, i)), f32x4.load(i32.add(b, i)))));
  });
  return body.let(sumLanes(body, sum));
}
