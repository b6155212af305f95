import { type Expression, f32, f32x4, type FunctionBuilder, i32, type Local, type ModuleBuilder } from "../wasm.js";
import { exp, F32_BYTES, sumLanes, V128_BYTES } from "./expressions.js";

const EPSILON = 1e-5;

/** Run `body` for every 4-lane vector of `bytes` bytes; `offset` counts in bytes. */
function eachVector(builder: FunctionBuilder, bytes: Expression<"i32">, body: (offset: Local<"i32">) => void): void {
  builder.range(i32.const(0), bytes, V128_BYTES, body);
}

/**
 * RMS norm y = x · gain / √(mean(x²) + 1e-5) over rows of `size`, and its backward pass.
 * The forward pass keeps 1/√… of each row in `scales`; the backward pass adds to `dx` and `dGain`.
 */
export function defineRmsNorm(module: ModuleBuilder): void {
  module.function("rmsNorm", ["i32", "i32", "i32", "i32", "i32", "i32"], (body, rows, size, x, gain, y, scales) => {
    const bytes = body.let(i32.shl(size, 2));
    const sum = body.local("v128");
    const scale = body.local("f32");
    body.range(i32.const(0), rows, 1, () => {
      body.set(sum, f32x4.const(0));
      eachVector(body, bytes, (i) => {
        const value = body.let(f32x4.load(i32.add(x, i)));
        body.set(sum, f32x4.add(sum, f32x4.mul(value, value)));
      });
      const mean = f32.div(sumLanes(body, sum), f32.convertI32(size));
      body.set(scale, f32.div(f32.const(1), f32.sqrt(f32.add(mean, f32.const(EPSILON)))));
      body.storeF32(scales, scale);
      eachVector(body, bytes, (i) => {
        const scaled = f32x4.mul(f32x4.load(i32.add(x, i)), f32x4.splat(scale));
        body.storeV128(i32.add(y, i), f32x4.mul(scaled, f32x4.load(i32.add(gain, i))));
      });
      body.increment(x, bytes);
      body.increment(y, bytes);
      body.increment(scales, i32.const(F32_BYTES));
    });
  });

  // With s the scale: dGain += dy·x·s and dx += s·(dy·gain) − x·s³·mean(dy·gain·x).
  module.function(
    "rmsNormBackward",
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"],
    (body, rows, size, x, gain, scales, dy, dx, dGain) => {
      const bytes = body.let(i32.shl(size, 2));
      const sum = body.local("v128");
      const scale = body.local("f32");
      const pull = body.local("f32");
      body.range(i32.const(0), rows, 1, () => {
        body.set(sum, f32x4.const(0));
        body.set(scale, f32.load(scales));
        eachVector(body, bytes, (i) => {
          const dyX = body.let(f32x4.mul(f32x4.load(i32.add(dy, i)), f32x4.load(i32.add(x, i))));
          body.set(sum, f32x4.add(sum, f32x4.mul(dyX, f32x4.load(i32.add(gain, i)))));
          const dGainI = f32x4.add(f32x4.load(i32.add(dGain, i)), f32x4.mul(dyX, f32x4.splat(scale)));
          body.storeV128(i32.add(dGain, i), dGainI);
        });
        const mean = f32.div(sumLanes(body, sum), f32.convertI32(size));
        body.set(pull, f32.mul(mean, f32.mul(scale, f32.mul(scale, scale))));
        eachVector(body, bytes, (i) => {
          const push = f32x4.mul(f32x4.load(i32.add(dy, i)), f32x4.load(i32.add(gain, i)));
          const along = f32x4.mul(f32x4.load(i32.add(x, i)), f32x4.splat(pull));
          const change = f32x4.sub(f32x4.mul(push, f32x4.splat(scale)), along);
          body.storeV128(i32.add(dx, i), f32x4.add(f32x4.load(i32.add(dx, i)), change));
        });
        body.increment(x, bytes);
        body.increment(dy, bytes);
        body.increment(dx, bytes);
        body.increment(scales, i32.const(F32_BYTES));
      });
    },
  );
}

/**
 * Rotary position embedding, in place: in each head, element d and element d + half turn together by the angle
 * position · base^(−d/half), read from tables [position][half]. `sign` −1 turns back, which is the backward pass.
 */
export function defineRotary(module: ModuleBuilder): void {
  module.function(
    "rotate",
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "f32"],
    (body, rows, heads, headSize, x, rowStride, positions, cosines, sines, sign) => {
      const halfBytes = body.let(i32.shl(headSize, 1));
      const table = body.local("i32");
      const first = body.local("i32");
      const second = body.local("i32");
      body.range(i32.const(0), rows, 1, () => {
        body.set(table, i32.mul(i32.load(positions), halfBytes));
        body.set(first, x);
        body.range(i32.const(0), heads, 1, () => {
          body.set(second, i32.add(first, halfBytes));
          eachVector(body, halfBytes, (i) => {
            const cosine = body.let(f32x4.load(i32.add(cosines, i32.add(table, i))));
            const sine = body.let(f32x4.mul(f32x4.load(i32.add(sines, i32.add(table, i))), f32x4.splat(sign)));
            const a = body.let(f32x4.load(i32.add(first, i)));
            const b = body.let(f32x4.load(i32.add(second, i)));
            body.storeV128(i32.add(first, i), f32x4.sub(f32x4.mul(a, cosine), f32x4.mul(b, sine)));
            body.storeV128(i32.add(second, i), f32x4.add(f32x4.mul(b, cosine), f32x4.mul(a, sine)));
          });
          body.set(first, i32.add(second, halfBytes));
        });
        body.increment(x, rowStride);
        body.increment(positions, i32.const(F32_BYTES));
      });
    },
  );
}

/** 1 / (1 + e^−x) in every lane. */
function sigmoid(body: FunctionBuilder, x: Local<"v128">): Local<"v128"> {
  const decay = exp(body, f32x4.neg(x));
  return body.let(f32x4.div(f32x4.const(1), f32x4.add(f32x4.const(1), decay)));
}

/**
 * SwiGLU: y = g · σ(g) · u, where a row of `gateUp` holds `size` gates g and then `size` values u.
 * The backward pass writes dg and du over a buffer of the same shape.
 */
export function defineSwiglu(module: ModuleBuilder): void {
  module.function("swiglu", ["i32", "i32", "i32", "i32"], (body, rows, size, gateUp, y) => {
    const bytes = body.let(i32.shl(size, 2));
    body.range(i32.const(0), rows, 1, () => {
      eachVector(body, bytes, (i) => {
        const gate = body.let(f32x4.load(i32.add(gateUp, i)));
        const up = f32x4.load(i32.add(i32.add(gateUp, bytes), i));
        body.storeV128(i32.add(y, i), f32x4.mul(f32x4.mul(gate, sigmoid(body, gate)), up));
      });
      body.increment(gateUp, i32.shl(bytes, 1));
      body.increment(y, bytes);
    });
  });

  module.function("swigluBackward", ["i32", "i32", "i32", "i32", "i32"], (body, rows, size, gateUp, dy, dGateUp) => {
    const bytes = body.let(i32.shl(size, 2));
    body.range(i32.const(0), rows, 1, () => {
      eachVector(body, bytes, (i) => {
        const gate = body.let(f32x4.load(i32.add(gateUp, i)));
        const up = f32x4.load(i32.add(i32.add(gateUp, bytes), i));
        const s = sigmoid(body, gate);
        const dyI = body.let(f32x4.load(i32.add(dy, i)));
        // d(g·σ)/dg = σ·(1 + g·(1 − σ))
        const slope = f32x4.add(f32x4.const(1), f32x4.mul(gate, f32x4.sub(f32x4.const(1), s)));
        const dGate = f32x4.mul(f32x4.mul(dyI, up), f32x4.mul(s, slope));
        body.storeV128(i32.add(dGateUp, i), dGate);
        const dUp = f32x4.mul(dyI, f32x4.mul(gate, s));
        body.storeV128(i32.add(i32.add(dGateUp, bytes), i), dUp);
      });
      body.increment(gateUp, i32.shl(bytes, 1));
      body.increment(dGateUp, i32.shl(bytes, 1));
      body.increment(dy, bytes);
    });
  });
}
