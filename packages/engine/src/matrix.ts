import { F32_BYTES } from "./kernels/expressions.js";
import type { Kernels } from "./kernels/kernels.js";

/** Rows of the right-hand side that are packed and multiplied at once: 256 × 8 floats stay in the first-level cache. */
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

/** A right-hand side in panels, as the multiply kernel reads it; as many floats as the matrix has. */
export interface PackedMatrix {
  readonly address: number;
  readonly rows: number;
  readonly columns: number;
}

/** Copy `source` into panels at `address`. Its columns are a multiple of 8. */
export function packMatrix(kernels: Kernels, source: MatrixView, address: number): PackedMatrix {
  const { rows, columns } = source;
  const [rowStride, columnStride] = [source.rowStride * F32_BYTES, source.columnStride * F32_BYTES];
  for (let start = 0; start < rows; start += BLOCK_DEPTH) {
    const depth = Math.min(BLOCK_DEPTH, rows - start);
    const packed = address + start * columns * F32_BYTES;
    kernels.pack(depth, columns, source.address + start * rowStride, rowStride, columnStride, packed);
  }
  return { address, rows, columns };
}

/** target = left · right, or target += left · right. `target` is row-major with `right.columns` columns. */
export function multiply(
  kernels: Kernels,
  left: MatrixView,
  right: PackedMatrix,
  target: number,
  mode: "set" | "add" = "set",
): void {
  const { columns } = right;
  const [rowStride, columnStride] = [left.rowStride * F32_BYTES, left.columnStride * F32_BYTES];
  for (let start = 0; start < right.rows; start += BLOCK_DEPTH) {
    const depth = Math.min(BLOCK_DEPTH, right.rows - start);
    const packed = right.address + start * columns * F32_BYTES;
    const from = left.address + start * columnStride;
    const accumulate = mode === "add" || start > 0 ? 1 : 0;
    const stride = columns * F32_BYTES;
    kernels.multiply(left.rows, columns, depth, from, rowStride, columnStride, packed, target, stride, accumulate);
  }
}
