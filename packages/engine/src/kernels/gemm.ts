import { type Expression, f32, f32x4, type FunctionBuilder, i32, type Local, type ModuleBuilder } from "../wasm.js";
import { F32_BYTES, V128_BYTES } from "./expressions.js";

/** Columns of one panel of a packed matrix, and of the tile that is held in registers. */
const PANEL_COLUMNS = 8;
const TILE_ROWS = 4;
const PANEL_ROW_BYTES = PANEL_COLUMNS * F32_BYTES;
/** Steps over k in one round of the innermost loop. */
const STEPS = 8;

/**
 * Matrix product C = A · B, or C += A · B, in two steps. `pack` copies a matrix [K, N] of any strides into panels [N/8][K][8],
 * which the products read from front to back; N is a multiple of 8. `multiply` reads A [M, K] in place, row by row;
 * `multiplyTransposed` takes its transpose [K, M], packed like B. All strides are in bytes.
 * Every element of C is summed over k in order, whatever M is: a row's result does not depend on the rows beside it.
 */
export function defineGemm(module: ModuleBuilder): void {
  module.function(
    "pack",
    ["i32", "i32", "i32", "i32", "i32", "i32"],
    (body, depth, columns, source, rowStride, columnStride, packed) => {
      const from = body.local("i32");
      const contiguous = i32.eq(columnStride, i32.const(F32_BYTES));
      body.range(i32.const(0), columns, PANEL_COLUMNS, (column) => {
        body.set(from, i32.add(source, i32.mul(column, columnStride)));
        body.range(i32.const(0), depth, 1, () => {
          body.if(
            contiguous,
            () => {
              body.storeV128(packed, f32x4.load(from));
              body.storeV128(packed, f32x4.load(from, V128_BYTES), V128_BYTES);
            },
            () => copyStrided(body, from, columnStride, packed),
          );
          body.increment(from, rowStride);
          body.increment(packed, i32.const(PANEL_ROW_BYTES));
        });
      });
    },
  );

  module.function(
    "multiply",
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"],
    (body, rows, columns, depth, a, rowStride, right, c, cStride, accumulate) => {
      const product = { body, columns, depth, right, c, cStride, accumulate };
      const tiles = (height: number): void => {
        const pointers = Array.from({ length: height }, () => body.local("i32"));
        tileRow(product, {
          height,
          pointers,
          start: (row) => (row === 0 ? a : i32.add(pointers[row - 1]!, rowStride)),
          stepBytes: F32_BYTES,
          element: (row, step) => f32x4.loadSplat(pointers[row]!, step * F32_BYTES),
        });
        for (let row = 0; row < height; row++) body.increment(a, rowStride);
      };
      const wholeTiles = body.let(i32.sub(rows, i32.and(rows, i32.const(TILE_ROWS - 1))));
      const row = body.range(i32.const(0), wholeTiles, TILE_ROWS, () => tiles(TILE_ROWS));
      body.while(i32.lt(row, rows), () => {
        tiles(1);
        body.increment(row, i32.const(1));
      });
    },
  );

  module.function(
    "multiplyTransposed",
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"],
    (body, rows, columns, depth, left, right, c, cStride, accumulate) => {
      const product = { body, columns, depth, right, c, cStride, accumulate };
      const panel = body.local("i32");
      body.range(i32.const(0), rows, PANEL_COLUMNS, () => {
        for (let first = 0; first < PANEL_COLUMNS; first += TILE_ROWS) {
          tileRow(product, {
            height: TILE_ROWS,
            pointers: [panel],
            start: () => left,
            stepBytes: PANEL_ROW_BYTES,
            element: (row, step) => f32x4.loadSplat(panel, step * PANEL_ROW_BYTES + (first + row) * F32_BYTES),
          });
        }
        body.increment(left, i32.mul(depth, i32.const(PANEL_ROW_BYTES)));
      });
    },
  );
}

function copyStrided(body: FunctionBuilder, from: Local<"i32">, stride: Local<"i32">, to: Local<"i32">): void {
  const element = body.let(from);
  for (let column = 0; column < PANEL_COLUMNS; column++) {
    body.storeF32(to, f32.load(element), column * F32_BYTES);
    body.increment(element, stride);
  }
}

interface Product {
  readonly body: FunctionBuilder;
  readonly columns: Local<"i32">;
  readonly depth: Local<"i32">;
  readonly right: Local<"i32">;
  readonly c: Local<"i32">;
  readonly cStride: Local<"i32">;
  readonly accumulate: Local<"i32">;
}

/** Where a tile finds its `height` rows of A. */
interface LeftRows {
  readonly height: number;
  /** Move along k by `stepBytes` a step. */
  readonly pointers: readonly Local<"i32">[];
  /** Each pointer at k = 0. */
  readonly start: (pointer: number) => Expression<"i32">;
  readonly stepBytes: number;
  /** The row's element `step` steps ahead of the pointers, in every lane. */
  readonly element: (row: number, step: number) => Expression<"v128">;
}

/** Rows of A against all panels; then `c` points as many rows further. */
function tileRow({ body, columns, depth, right, c, cStride, accumulate }: Product, left: LeftRows): void {
  const panel = body.let(right);
  const [b, cRow, remaining] = [body.local("i32"), body.local("i32"), body.local("i32")];
  const sums = Array.from({ length: left.height }, () => [body.local("v128"), body.local("v128")] as const);
  const halves = [body.local("v128"), body.local("v128")] as const;
  const element = body.local("v128");

  body.range(i32.const(0), columns, PANEL_COLUMNS, (column) => {
    for (const pair of sums) for (const sum of pair) body.set(sum, f32x4.const(0));
    for (const [i, pointer] of left.pointers.entries()) body.set(pointer, left.start(i));
    body.set(b, panel);
    body.set(remaining, depth);
    body.loop((breakIf) => {
      for (let step = 0; step < STEPS; step++) {
        // A possible exit after every step, also because V8 would load the operands of all steps first, and run out of registers.
        if (step > 0) breakIf(i32.eq(remaining, i32.const(step)));
        for (const [i, half] of halves.entries()) {
          body.set(half, f32x4.load(b, step * PANEL_ROW_BYTES + i * V128_BYTES));
        }
        for (const [row, pair] of sums.entries()) {
          body.set(element, left.element(row, step));
          for (const [i, sum] of pair.entries()) body.set(sum, f32x4.add(sum, f32x4.mul(element, halves[i]!)));
        }
      }
      for (const pointer of left.pointers) body.increment(pointer, i32.const(STEPS * left.stepBytes));
      body.increment(b, i32.const(STEPS * PANEL_ROW_BYTES));
      body.increment(remaining, i32.const(-STEPS));
      breakIf(i32.eq(remaining, i32.const(0)));
    });
    body.increment(panel, i32.mul(depth, i32.const(PANEL_ROW_BYTES)));

    const eachSum = (visit: (sum: Local<"v128">, offset: number) => void): void => {
      body.set(cRow, i32.add(c, i32.shl(column, 2)));
      for (const pair of sums) {
        for (const [i, sum] of pair.entries()) visit(sum, i * V128_BYTES);
        body.increment(cRow, cStride);
      }
    };
    body.if(accumulate, () => {
      eachSum((sum, offset) => body.set(sum, f32x4.add(sum, f32x4.load(cRow, offset))));
    });
    eachSum((sum, offset) => body.storeV128(cRow, sum, offset));
  });
  for (let row = 0; row < left.height; row++) body.increment(c, cStride);
}
