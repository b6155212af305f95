import { f32, f32x4, f64, f64x2, i32, type ModuleBuilder } from "../wasm.js";
import { V128_BYTES } from "./expressions.js";

/** Adam and the gradient's norm, over flat arrays of `bytes` bytes (a multiple of 16). */
export function defineOptimizer(module: ModuleBuilder): void {
  module.function("sumOfSquares", ["i32", "i32"], (body, bytes, x) => {
    const sum = body.let(f64x2.splatZero());
    body.range(x, i32.add(x, bytes), V128_BYTES, (i) => {
      const four = body.let(f32x4.load(i));
      for (const pair of [four, body.let(f32x4.swapHalves(four))]) {
        const two = body.let(f64x2.promoteLow(pair));
        body.set(sum, f64x2.add(sum, f64x2.mul(two, two)));
      }
    });
    return f64.add(f64x2.lane(sum, 0), f64x2.lane(sum, 1));
  });

  // Kingma and Ba (2015) with decoupled weight decay. c1 = 1/(1 − beta1^t), c2 = 1/(1 − beta2^t); the gradient is scaled first.
  module.function(
    "adam",
    ["i32", "i32", "i32", "i32", "i32", "f32", "f32", "f32", "f32", "f32", "f32", "f32", "f32"],
    (body, bytes, parameters, gradients, first, second, scale, learningRate, beta1, beta2, eps, decay, c1, c2) => {
      const rest1 = body.let(f32x4.splat(f32.sub(f32.const(1), beta1)));
      const rest2 = body.let(f32x4.splat(f32.sub(f32.const(1), beta2)));
      body.range(i32.const(0), bytes, V128_BYTES, (i) => {
        const at = (base: typeof parameters) => body.let(i32.add(base, i));
        const [pAt, gAt, mAt, vAt] = [at(parameters), at(gradients), at(first), at(second)];
        const g = body.let(f32x4.mul(f32x4.load(gAt), f32x4.splat(scale)));
        const p = body.let(f32x4.load(pAt));
        const m = body.let(f32x4.add(f32x4.mul(f32x4.load(mAt), f32x4.splat(beta1)), f32x4.mul(g, rest1)));
        const gg = f32x4.mul(g, g);
        const v = body.let(f32x4.add(f32x4.mul(f32x4.load(vAt), f32x4.splat(beta2)), f32x4.mul(gg, rest2)));
        body.storeV128(mAt, m);
        body.storeV128(vAt, v);
        const root = f32x4.sqrt(f32x4.mul(v, f32x4.splat(c2)));
        const step = f32x4.div(f32x4.mul(m, f32x4.splat(c1)), f32x4.add(root, f32x4.splat(eps)));
        const change = f32x4.add(step, f32x4.mul(p, f32x4.splat(decay)));
        body.storeV128(pAt, f32x4.sub(p, f32x4.mul(change, f32x4.splat(learningRate))));
      });
    },
  );
}
