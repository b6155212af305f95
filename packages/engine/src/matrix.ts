import type { Arena } from "./arena.js";
import { F32_BYTES } from "./kernels/expressions.js";
import type { Kernels } from "./kernels/kernels.js";

/** Rows of a packed matrix that are multiplied at once: 256 × 8 floats stay in the first-level cache. */
const BLOCK_DEPTH = 256;

/** A matrix in memory; strides count floats. */
export interface MatrixView {
  readonly address: number;
  readonly rows: number;
  readonly columns: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** A row-major matrix. */
export function matrix(address: number, rows: number, columns: number): MatrixView {
  return { address, rows, columns, rowStride: columns, columnStride: 1 };
}

export function transpose({ address, rows, columns, rowStride, columnStride }: MatrixView): MatrixView {
  return { address, rows: columns, columns: rows, rowStride: columnStride, columnStride: rowStride };
}

/** A matrix in panels, as the kernels read it; as many floats as the matrix has. */
export interface PackedMatrix {
  readonly address: number;
  readonly rows: number;
  readonly columns: number;
}

/** Copy `source` into panels at `address`. Its columns are a multiple of 8. */
export function packMatrix(kernels: Kernels, source: MatrixView, address: number): PackedMatrix {
  const { rows, columns } = source;
  const [rowStride, columnStride] = [source.rowStride * F32_BYTES, source.columnStride * F32_BYTES];
  for (const { start, depth } of blocks(rows)) {
    const packed = address + start * columns * F32_BYTES;
    kernels.pack(depth, columns, source.address + start * rowStride, rowStride, columnStride, packed);
  }
  return { address, rows, columns };
}

/** Copy `source` into panels that the arena's innermost scope frees. */
export function packScoped(
  { arena, kernels }: { readonly arena: Arena; readonly kernels: Kernels },
  source: MatrixView,
): PackedMatrix {
  return packMatrix(kernels, source, arena.allocate(source.rows * source.columns));
}

/** target = left · right, or target += left · right; `left` and `target` are row-major. */
export function multiply(
  kernels: Kernels,
  left: MatrixView,
  right: PackedMatrix,
  target: number,
  mode: "set" | "add" = "set",
): void {
  const { columns } = right;
  const stride = left.rowStride * F32_BYTES;
  for (const { start, depth, accumulate } of blocks(right.rows, mode)) {
    const from = left.address + start * F32_BYTES;
    const packed = right.address + start * columns * F32_BYTES;
    kernels.multiply(left.rows, columns, depth, from, stride, packed, target, columns * F32_BYTES, accumulate);
  }
}

/** target = leftᵀ · right, or target += leftᵀ · right. */
export function multiplyTransposed(
  kernels: Kernels,
  left: PackedMatrix,
  right: PackedMatrix,
  target: number,
  mode: "set" | "add" = "set",
): void {
  const { columns } = right;
  for (const { start, depth, accumulate } of blocks(right.rows, mode)) {
    const [a, b] = [left, right].map((side) => side.address + start * side.columns * F32_BYTES);
    kernels.multiplyTransposed(left.columns, columns, depth, a!, b!, target, columns * F32_BYTES, accumulate);
  }
}

/** The blocks of a product's inner dimension; all but the first are added to what is there. */
function* blocks(
  rows: number,
  mode: "set" | "add" = "add",
): Generator<{ readonly start: number; readonly depth: number; readonly accumulate: 0 | 1 }> {
  for (let start = 0; start < rows; start += BLOCK_DEPTH) {
    const depth = Math.min(BLOCK_DEPTH, rows - start);
    yield { start, depth, accumulate: mode === "add" || start > 0 ? 1 : 0 };
  }
}
