import { f32, f32x4, type FunctionBuilder, i32, type Local, type ModuleBuilder } from "../wasm.js";
import { F32_BYTES, V128_BYTES } from "./expressions.js";

/** Columns of one panel of the packed right-hand side, and of the tile that is held in registers. */
const PANEL_COLUMNS = 8;
const TILE_ROWS = 4;
const PANEL_ROW_BYTES = PANEL_COLUMNS * F32_BYTES;

/**
 * Matrix product in two steps. `pack` copies B [K, N] (any strides) into panels [N/8][K][8], which `multiply` reads from
 * front to back; A [M, K] is read in place with any strides. N is a multiple of 8. All strides are in bytes.
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
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"],
    (body, rows, columns, depth, a, rowStride, columnStride, packed, c, cStride, accumulate) => {
      const tile = { body, columns, depth, a, rowStride, columnStride, packed, c, cStride, accumulate };
      const wholeTiles = body.let(i32.sub(rows, i32.and(rows, i32.const(TILE_ROWS - 1))));
      const row = body.range(i32.const(0), wholeTiles, TILE_ROWS, () => tileRow(tile, TILE_ROWS));
      body.while(i32.lt(row, rows), () => {
        tileRow(tile, 1);
        body.increment(row, i32.const(1));
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

interface Tile {
  readonly body: FunctionBuilder;
  readonly columns: Local<"i32">;
  readonly depth: Local<"i32">;
  readonly a: Local<"i32">;
  readonly rowStride: Local<"i32">;
  readonly columnStride: Local<"i32">;
  readonly packed: Local<"i32">;
  readonly c: Local<"i32">;
  readonly cStride: Local<"i32">;
  readonly accumulate: Local<"i32">;
}

/** `height` rows of A against all panels; then `a` and `c` point `height` rows further. */
function tileRow(tile: Tile, height: number): void {
  const { body, columns, depth, a, rowStride, columnStride, packed, c, cStride, accumulate } = tile;
  const panel = body.let(packed);
  const aRows = Array.from({ length: height }, () => body.local("i32"));
  const cRow = body.local("i32");
  const sums = aRows.map(() => [body.local("v128"), body.local("v128")] as const);
  const left = body.local("v128");
  const right = [body.local("v128"), body.local("v128")] as const;

  body.range(i32.const(0), columns, PANEL_COLUMNS, (column) => {
    for (const pair of sums) for (const sum of pair) body.set(sum, f32x4.const(0));
    for (const [i, aRow] of aRows.entries()) body.set(aRow, i === 0 ? a : i32.add(aRows[i - 1]!, rowStride));
    body.range(i32.const(0), depth, 1, () => {
      for (const half of [0, 1] as const) body.set(right[half], f32x4.load(panel, half * V128_BYTES));
      for (const [i, aRow] of aRows.entries()) {
        body.set(left, f32x4.loadSplat(aRow));
        for (const half of [0, 1] as const) {
          const sum = sums[i]![half];
          body.set(sum, f32x4.add(sum, f32x4.mul(left, right[half])));
        }
        body.increment(aRow, columnStride);
      }
      body.increment(panel, i32.const(PANEL_ROW_BYTES));
    });
    body.set(cRow, i32.add(c, i32.shl(column, 2)));
    for (const pair of sums) {
      for (const [half, sum] of pair.entries()) {
        body.if(accumulate, () => body.set(sum, f32x4.add(sum, f32x4.load(cRow, half * V128_BYTES))));
        body.storeV128(cRow, sum, half * V128_BYTES);
      }
      body.increment(cRow, cStride);
    }
  });
  for (let i = 0; i < height; i++) {
    body.increment(a, rowStride);
    body.increment(c, cStride);
  }
}
