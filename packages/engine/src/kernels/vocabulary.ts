import { f32, f32x4, i32, type ModuleBuilder } from "../wasm.js";
import { exp, F32_BYTES, maxLane, sumLanes, V128_BYTES } from "./expressions.js";

const MASKED = -1e30;

/** Rows of the embedding table in and out, the softmax over the vocabulary and the gradient of the logits. */
export function defineVocabulary(module: ModuleBuilder): void {
  // x[i] = table[ids[i]]
  module.function("gatherRows", ["i32", "i32", "i32", "i32", "i32"], (body, rows, size, ids, table, x) => {
    const bytes = body.let(i32.shl(size, 2));
    const from = body.local("i32");
    body.range(i32.const(0), rows, 1, () => {
      body.set(from, i32.add(table, i32.mul(i32.load(ids), bytes)));
      body.range(i32.const(0), bytes, V128_BYTES, (i) => body.storeV128(i32.add(x, i), f32x4.load(i32.add(from, i))));
      body.increment(x, bytes);
      body.increment(ids, i32.const(F32_BYTES));
    });
  });

  // table[ids[i]] += x[i]
  module.function("scatterAddRows", ["i32", "i32", "i32", "i32", "i32"], (body, rows, size, ids, x, table) => {
    const bytes = body.let(i32.shl(size, 2));
    const to = body.local("i32");
    body.range(i32.const(0), rows, 1, () => {
      body.set(to, i32.add(table, i32.mul(i32.load(ids), bytes)));
      body.range(i32.const(0), bytes, V128_BYTES, (i) => {
        body.storeV128(i32.add(to, i), f32x4.add(f32x4.load(i32.add(to, i)), f32x4.load(i32.add(x, i))));
      });
      body.increment(x, bytes);
      body.increment(ids, i32.const(F32_BYTES));
    });
  });

  // Rows of `padded` logits, of which the first `size` count. In place: exp(logit · sharpness − largest). Per row also
  // shifted = logit[target] · sharpness − largest and sums = Σ exp(…), so logprob(target) = shifted − ln(sums).
  module.function(
    "softmaxRows",
    ["i32", "i32", "i32", "i32", "f32", "i32", "i32", "i32"],
    (body, rows, size, padded, logits, sharpness, targets, shifted, sums) => {
      const bytes = body.let(i32.shl(padded, 2));
      const largest = body.local("f32");
      const sum = body.local("v128");
      body.range(i32.const(0), rows, 1, () => {
        const end = body.let(i32.add(logits, bytes));
        body.range(i32.add(logits, i32.shl(size, 2)), end, F32_BYTES, (i) => body.storeF32(i, f32.const(MASKED)));
        body.set(sum, f32x4.const(MASKED));
        body.range(logits, end, V128_BYTES, (i) => {
          const scaled = body.let(f32x4.mul(f32x4.load(i), f32x4.splat(sharpness)));
          body.storeV128(i, scaled);
          body.set(sum, f32x4.pmax(sum, scaled));
        });
        body.set(largest, maxLane(body, sum));
        const target = f32.load(i32.add(logits, i32.shl(i32.load(targets), 2)));
        body.storeF32(shifted, f32.sub(target, largest));
        body.set(sum, f32x4.const(0));
        body.range(logits, end, V128_BYTES, (i) => {
          const weight = exp(body, f32x4.sub(f32x4.load(i), f32x4.splat(largest)));
          body.storeV128(i, weight);
          body.set(sum, f32x4.add(sum, weight));
        });
        body.storeF32(sums, sumLanes(body, sum));
        body.set(logits, end);
        for (const pointer of [targets, shifted, sums]) body.increment(pointer, i32.const(F32_BYTES));
      });
    },
  );

  // In place, from what softmaxRows left: slope · (onehot(target) − weight / sum), where slope = d loss / d logprob(target).
  module.function(
    "logitGradient",
    ["i32", "i32", "i32", "i32", "i32", "i32"],
    (body, rows, padded, weights, sums, targets, slopes) => {
      const bytes = body.let(i32.shl(padded, 2));
      const factor = body.local("f32");
      body.range(i32.const(0), rows, 1, () => {
        const end = body.let(i32.add(weights, bytes));
        const target = body.let(i32.add(weights, i32.shl(i32.load(targets), 2)));
        body.set(factor, f32.neg(f32.div(f32.load(slopes), f32.load(sums))));
        body.range(weights, end, V128_BYTES, (i) => {
          body.storeV128(i, f32x4.mul(f32x4.load(i), f32x4.splat(factor)));
        });
        body.storeF32(target, f32.add(f32.load(target), f32.load(slopes)));
        body.set(weights, end);
        for (const pointer of [sums, targets, slopes]) body.increment(pointer, i32.const(F32_BYTES));
      });
    },
  );
}
