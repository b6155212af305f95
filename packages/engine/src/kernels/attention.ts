import { type Expression, f32, f32x4, type FunctionBuilder, i32, type Local, type ModuleBuilder } from "../wasm.js";
import { exp, F32_BYTES, maxLane, sumLanes, V128_BYTES } from "./expressions.js";

type I32 = Expression<"i32">;

/** What a score beyond the last key is set to, so that a whole vector can be read there. */
const MASKED = -1e30;

/**
 * Causal attention of one head over one sequence, and its backward pass. Query row i sees the first `seen` + i keys:
 * `seen` = 1 for a whole sequence, the number of cached tokens when decoding one row. Strides in bytes; `scores` is scratch
 * for the longest row, plus one vector. Probabilities are not kept: the backward pass recomputes them from the `stats` of each
 * row, its largest score and 1 / Σ exp(score − largest), so memory stays linear in the sequence's length.
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
      const value = body.local("i32");
      const end = body.let(i32.add(seen, rows));
      body.while(i32.lt(seen, end), () => {
        scoreRow(body, { q, k, kvStride, headBytes, seen, scores, scale });
        const last = body.let(i32.add(scores, i32.shl(seen, 2)));
        body.storeV128(last, f32x4.const(MASKED));

        body.set(sum, f32x4.const(MASKED));
        body.range(scores, last, V128_BYTES, (i) => body.set(sum, f32x4.max(sum, f32x4.load(i))));
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

        body.range(i32.const(0), headBytes, V128_BYTES, (d) => {
          body.set(sum, f32x4.const(0));
          body.set(value, i32.add(v, d));
          body.range(scores, last, F32_BYTES, (i) => {
            body.set(sum, f32x4.add(sum, f32x4.mul(f32x4.loadSplat(i), f32x4.load(value))));
            body.increment(value, kvStride);
          });
          body.storeV128(i32.add(y, d), f32x4.mul(sum, f32x4.splat(inverse)));
        });
        body.increment(q, qStride);
        body.increment(y, yStride);
        body.increment(stats, statsStride);
        body.increment(seen, i32.const(1));
      });
    },
  );

  // Adds to dq, dk and dv, which lie in rows of `stride` like q, k and v; y and dy lie in rows of `yStride`.
  module.function(
    "attendBackward",
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "f32"],
    (body, rows, headSize, q, k, v, stride, y, dy, yStride, stats, statsStride, dq, dk, dv, scores, scale) => {
      const headBytes = body.let(i32.shl(headSize, 2));
      const seen = body.let(i32.const(1));
      const delta = body.local("f32");
      const weight = body.local("v128");
      const dScore = body.local("v128");
      const offset = body.local("i32");
      body.range(i32.const(0), rows, 1, () => {
        scoreRow(body, { q, k, kvStride: stride, headBytes, seen, scores, scale });
        const last = body.let(i32.add(scores, i32.shl(seen, 2)));
        body.range(scores, last, V128_BYTES, (i) => {
          const shifted = f32x4.sub(f32x4.load(i), f32x4.loadSplat(stats));
          body.storeV128(i, f32x4.mul(exp(body, shifted), f32x4.loadSplat(stats, F32_BYTES)));
        });
        body.set(delta, dot(body, dy, y, headBytes));
        body.set(offset, i32.const(0));
        body.range(scores, last, F32_BYTES, (i) => {
          const vRow = body.let(i32.add(v, offset));
          const kRow = body.let(i32.add(k, offset));
          const dvRow = body.let(i32.add(dv, offset));
          const dkRow = body.let(i32.add(dk, offset));
          const dWeight = f32.sub(dot(body, dy, vRow, headBytes), delta);
          body.set(weight, f32x4.loadSplat(i));
          body.set(dScore, f32x4.mul(weight, f32x4.splat(f32.mul(dWeight, scale))));
          body.range(i32.const(0), headBytes, V128_BYTES, (d) => {
            addScaled(body, i32.add(dvRow, d), weight, i32.add(dy, d));
            addScaled(body, i32.add(dkRow, d), dScore, i32.add(q, d));
            addScaled(body, i32.add(dq, d), dScore, i32.add(kRow, d));
          });
          body.increment(offset, stride);
        });
        body.increment(q, stride);
        body.increment(dq, stride);
        body.increment(y, yStride);
        body.increment(dy, yStride);
        body.increment(stats, statsStride);
        body.increment(seen, i32.const(1));
      });
    },
  );
}

/** scores[j] = scale · q·k[j] for j < seen. */
function scoreRow(
  body: FunctionBuilder,
  row: { q: I32; k: I32; kvStride: I32; headBytes: I32; seen: I32; scores: I32; scale: Expression<"f32"> },
): void {
  const key = body.let(row.k);
  body.range(row.scores, i32.add(row.scores, i32.shl(row.seen, 2)), F32_BYTES, (i) => {
    const score = dot(body, row.q, key, row.headBytes);
    body.storeF32(i, f32.mul(score, row.scale));
    body.increment(key, row.kvStride);
  });
}

/** Sum of products of `bytes` bytes at two addresses. */
function dot(body: FunctionBuilder, a: I32, b: I32, bytes: I32): Local<"f32"> {
  const sum = body.let(f32x4.const(0));
  body.range(i32.const(0), bytes, V128_BYTES, (i) => {
    body.set(sum, f32x4.add(sum, f32x4.mul(f32x4.load(i32.add(a, i)), f32x4.load(i32.add(b, i)))));
  });
  return body.let(sumLanes(body, sum));
}

/** The vector at `target` += `factor` · the vector at `source`. */
function addScaled(body: FunctionBuilder, target: I32, factor: Local<"v128">, source: I32): void {
  const address = body.let(target);
  body.storeV128(address, f32x4.add(f32x4.load(address), f32x4.mul(factor, f32x4.load(source))));
}
