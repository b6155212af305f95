import { describe, expect, test } from "vitest";
import { Arena } from "../arena.js";
import { Random } from "@pka/core";
import { matrix, type MatrixView, multiply, multiplyTransposed, packMatrix, packScoped, transpose } from "../matrix.js";
import { webAssembly } from "../webassembly.js";
import { F32_BYTES } from "./expressions.js";
import { emitKernels, instantiateKernels } from "./kernels.js";

const random = new Random(1);

function randomMatrix(arena: Arena, rows: number, columns: number): MatrixView {
  const address = arena.allocate(rows * columns);
  arena.floats(address, rows * columns).forEach((_, i, all) => (all[i] = random.normal()));
  return matrix(address, rows, columns);
}

function element(arena: Arena, { address, rowStride, columnStride }: MatrixView, row: number, column: number): number {
  const index = row * rowStride + column * columnStride;
  return arena.floats(address, index + 1)[index]!;
}

test("the emitted module is valid WebAssembly, the same every time", () => {
  expect(webAssembly.validate(emitKernels())).toBe(true);
  expect(emitKernels()).toEqual(emitKernels());
});

describe("the matrix product", () => {
  // Rows around the tile of 4, depths around the 8 steps of a round and the block of 256.
  test.each([
    [1, 1, 8],
    [3, 5, 16],
    [4, 256, 8],
    [5, 8, 8],
    [7, 257, 24],
    [13, 600, 8],
  ])("of [%i, %i] and [.., %i] equals plain loops, the right side plain and transposed", (rows, depth, columns) => {
    for (const flipRight of [false, true]) {
      const arena = new Arena();
      const kernels = instantiateKernels(arena.memory);
      const left = randomMatrix(arena, rows, depth);
      const right = flipRight ? transpose(randomMatrix(arena, columns, depth)) : randomMatrix(arena, depth, columns);
      const packed = packMatrix(kernels, right, arena.allocate(depth * columns));
      expectProduct(arena, left, right, (target, mode) => multiply(kernels, left, packed, target, mode));
    }
  });

  test.each([
    [8, 1, 8],
    [24, 5, 16],
    [8, 600, 24],
  ])("of the transpose of [.., %i] and [%i, %i] equals plain loops", (rows, depth, columns) => {
    const arena = new Arena();
    const kernels = instantiateKernels(arena.memory);
    const [left, right] = [randomMatrix(arena, depth, rows), randomMatrix(arena, depth, columns)];
    const [a, b] = [left, right].map((side) => packScoped({ arena, kernels }, side));
    expectProduct(arena, transpose(left), right, (target, mode) => multiplyTransposed(kernels, a!, b!, target, mode));
  });

  /** `multiplyInto` once setting and once adding gives twice the product. */
  function expectProduct(
    arena: Arena,
    left: MatrixView,
    right: MatrixView,
    multiplyInto: (target: number, mode: "set" | "add") => void,
  ): void {
    const [rows, columns] = [left.rows, right.columns];
    const target = matrix(arena.allocate(rows * columns), rows, columns);
    arena.floats(target.address, rows * columns).fill(Number.NaN);
    multiplyInto(target.address, "set");
    multiplyInto(target.address, "add");
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (let k = 0; k < left.columns; k++) sum += element(arena, left, row, k) * element(arena, right, k, column);
        expect(element(arena, target, row, column)).toBeCloseTo(2 * sum, 3);
      }
    }
  }
});

describe("attention", () => {
  // Heads of 2, 4 and 6 vectors; lengths around the four keys that are scored at once.
  test.each([
    [8, 1],
    [16, 7],
    [24, 9],
  ])("of heads of %i over %i tokens equals plain loops, its gradients finite differences", (headSize, length) => {
    const arena = new Arena();
    const kernels = instantiateKernels(arena.memory);
    const stride = 3 * headSize;
    const [qkv, dy] = [randomMatrix(arena, length, stride).address, randomMatrix(arena, length, headSize).address];
    const [y, stats] = [arena.allocate(length * headSize), arena.allocate(2 * length)];
    const scores = arena.allocate(2 * (length + 4));
    const dQkv = arena.allocateZeros(length * stride);
    const scale = 1 / Math.sqrt(headSize);
    const parts = (base: number): number[] => [0, 1, 2].map((part) => base + part * headSize * F32_BYTES);
    const [q, k, v] = parts(qkv) as [number, number, number];
    const [strideBytes, yBytes] = [stride * F32_BYTES, headSize * F32_BYTES];
    kernels.attend(length, 1, headSize, q, strideBytes, k, v, strideBytes, y, yBytes, stats, 8, scores, scale);
    const given = [length, headSize, q, k, v, strideBytes, y, dy, yBytes, stats, 8];
    kernels.attendBackward(...given, ...parts(dQkv), scores, scale);

    const values = Float64Array.from(arena.floats(qkv, length * stride));
    const expected = plainAttention(values, headSize);
    for (const [i, value] of arena.floats(y, length * headSize).entries()) expect(value).toBeCloseTo(expected[i]!, 5);
    const weights = arena.floats(dy, length * headSize);
    const loss = (): number => plainAttention(values, headSize).reduce((sum, value, i) => sum + value * weights[i]!, 0);
    for (const [i, gradient] of arena.floats(dQkv, length * stride).entries()) {
      const value = values[i]!;
      const [above, below] = [1e-5, -1e-5].map((change) => {
        values[i] = value + change;
        return loss();
      });
      values[i] = value;
      expect(gradient).toBeCloseTo((above! - below!) / 2e-5, 4);
    }
  });

  /** Rows of a query, a key and a value in, rows of what they attend to out. */
  function plainAttention(qkv: Float64Array, size: number): number[] {
    const part = (row: number, which: 0 | 1 | 2): Float64Array =>
      qkv.subarray((row * 3 + which) * size, (row * 3 + which + 1) * size);
    return Array.from({ length: qkv.length / (3 * size) }, (_, row) => {
      const weights = Array.from({ length: row + 1 }, (__, key) => {
        const score = part(row, 0).reduce((sum, value, i) => sum + value * part(key, 1)[i]!, 0);
        return Math.exp(score / Math.sqrt(size));
      });
      const total = weights.reduce((a, b) => a + b);
      return Array.from({ length: size }, (__, i) => {
        return weights.reduce((sum, weight, key) => sum + (weight / total) * part(key, 2)[i]!, 0);
      });
    }).flat();
  }
});

describe("the softmax over rows", () => {
  /** exp(logit − largest) of each logit, the target's shifted logit and the sum, as the kernel leaves them. */
  function softmaxRow(logits: number[], sharpness: number, target: number) {
    const arena = new Arena();
    const kernels = instantiateKernels(arena.memory);
    const padded = Math.ceil(logits.length / 8) * 8;
    const row = arena.allocate(padded);
    arena.floats(row, padded).fill(Number.NaN).set(logits);
    const targets = arena.allocateInts([target]);
    const [shifted, sums] = [arena.allocate(1), arena.allocate(1)];
    kernels.softmaxRows(1, logits.length, padded, row, sharpness, targets, shifted, sums);
    return {
      weights: [...arena.floats(row, padded)],
      shifted: arena.floats(shifted, 1)[0]!,
      sum: arena.floats(sums, 1)[0]!,
    };
  }

  test("has a relative error below 3e-7 over the whole range of the exponential", () => {
    const logits = Array.from({ length: 860 }, (_, i) => -i / 10);
    const { weights } = softmaxRow(logits, 1, 0);
    for (const [i, logit] of logits.entries()) {
      const exact = Math.exp(Math.fround(logit));
      expect(Math.abs(weights[i]! / exact - 1)).toBeLessThan(3e-7);
    }
  });

  test("gives 0 to what is far below the largest, and to the padding", () => {
    const { weights, sum, shifted } = softmaxRow([500, 400, -1e30], 1, 1);
    expect(weights).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
    expect([sum, shifted]).toEqual([1, -100]);
  });

  test("multiplies the logits by the sharpness first", () => {
    const { weights, shifted } = softmaxRow([1, 0.5], 4, 1);
    expect(shifted).toBe(-2);
    expect(weights[1]).toBeCloseTo(Math.exp(-2), 6);
  });
});
