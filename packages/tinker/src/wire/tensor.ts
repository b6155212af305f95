import { create } from "@bufbuild/protobuf";
import { z } from "zod";
import { narrow, type WholeNumbers, widen } from "./int64.js";
import { pack, unpackBfloat16, unpackFloat32, unpackInt32, unpackInt64 } from "./packed.js";
import { DType, type Tensor as TensorMessage, SparseCsrSchema, TensorSchema } from "./tinker_public_pb.js";
import { WireFormatError } from "./wire-format-error.js";

/** Positions of the non-zeros of a matrix in compressed sparse rows. */
export interface SparseRows {
  /** `[rows + 1]`: where each row's non-zeros begin. */
  readonly crowIndices: Int32Array;
  /** The column of each non-zero. */
  readonly colIndices: Int32Array;
}

interface Layout {
  /** Row-major. The product is the number of elements, except of a sparse tensor. */
  readonly shape: readonly number[];
  /** When present, `data` holds the non-zeros of a matrix of `shape`; all else is 0. */
  readonly sparse?: SparseRows | undefined;
}

/** Numbers with fractions, in row-major order. */
export interface Float32Tensor extends Layout {
  readonly dtype: "float32";
  readonly data: Float32Array;
}

/** Whole numbers, in row-major order. */
export interface Int64Tensor extends Layout {
  readonly dtype: "int64";
  /** 32 bits each where every value fits, else 64. */
  readonly data: WholeNumbers;
}

/** The two kinds of arrays that the API knows. */
export type Tensor = Float32Tensor | Int64Tensor;

export function encodeTensor({ dtype, data, shape, sparse }: Tensor): TensorMessage {
  const values = pack(dtype === "float32" ? data : widen(data));
  return create(TensorSchema, {
    dtype: dtype === "float32" ? DType.DTYPE_FLOAT32 : DType.DTYPE_INT64,
    shape: shape.map(BigInt),
    encoding: sparse
      ? {
          case: "sparseCsr",
          value: create(SparseCsrSchema, {
            values,
            crowIndices: pack(widen(sparse.crowIndices)),
            colIndices: pack(widen(sparse.colIndices)),
          }),
        }
      : { case: "dense", value: values },
  });
}

/** @throws WireFormatError naming `where`. */
export function decodeTensor(message: TensorMessage, where: string): Tensor {
  const { encoding } = message;
  const bytes =
    encoding.case === "sparseCsr"
      ? encoding.value.values
      : encoding.case === "dense"
        ? encoding.value
        : new Uint8Array();
  const values = decodeValues(message.dtype, bytes, where);
  const shape = message.shape.length > 0 ? toShape(message.shape, where) : [values.data.length];
  if (encoding.case !== "sparseCsr") return checked({ ...values, shape }, where);
  const indices = (field: "crowIndices" | "colIndices") => {
    const narrowed = narrow(unpackInt64(encoding.value[field], where));
    if (narrowed instanceof Int32Array) return narrowed;
    throw new WireFormatError(`${where}.${field}: an index is out of range`);
  };
  const sparse = { crowIndices: indices("crowIndices"), colIndices: indices("colIndices") };
  return checked({ ...values, shape, sparse }, where);
}

type Values = Pick<Float32Tensor, "dtype" | "data"> | Pick<Int64Tensor, "dtype" | "data">;

/** INT32 counts as int64 and BFLOAT16 as float32. @throws WireFormatError for an unknown dtype. */
export function decodeValues(dtype: DType, bytes: Uint8Array, where: string): Values {
  switch (dtype) {
    case DType.DTYPE_FLOAT32:
      return { dtype: "float32", data: unpackFloat32(bytes, where) };
    case DType.DTYPE_BFLOAT16:
      return { dtype: "float32", data: unpackBfloat16(bytes, where) };
    case DType.DTYPE_INT64:
      return { dtype: "int64", data: narrow(unpackInt64(bytes, where)) };
    case DType.DTYPE_INT32:
      return { dtype: "int64", data: unpackInt32(bytes, where) };
    default:
      throw new WireFormatError(`${where}: dtype ${dtype} is not known`);
  }
}

export function toShape(shape: readonly bigint[], where: string): number[] {
  return shape.map((size) => {
    const value = Number(size);
    if (Number.isSafeInteger(value) && value >= 0) return value;
    throw new WireFormatError(`${where}: ${size} is no size of a dimension`);
  });
}

/** @throws WireFormatError when shape, data and indices contradict each other. */
function checked<T extends Tensor>(tensor: T, where: string): T {
  const { shape, data, sparse } = tensor;
  const fail = (what: string): never => {
    throw new WireFormatError(`${where}: ${what}`);
  };
  if (!sparse) {
    const numElements = shape.reduce((product, size) => product * size, 1);
    if (numElements !== data.length) fail(`shape [${shape.join(", ")}] does not hold ${data.length} elements`);
    return tensor;
  }
  const [rows, columns] = shape;
  if (shape.length !== 2) fail(`a sparse tensor has two dimensions, not ${shape.length}`);
  const { crowIndices, colIndices } = sparse;
  if (crowIndices.length !== rows! + 1) fail(`${crowIndices.length} row starts do not fit ${rows} rows`);
  if (colIndices.length !== data.length) fail(`${colIndices.length} columns do not fit ${data.length} values`);
  const isSorted = crowIndices.every((start, row) => start >= (row === 0 ? 0 : crowIndices[row - 1]!));
  if (!isSorted || crowIndices[0] !== 0 || crowIndices[rows!] !== data.length) fail("its row starts are not in order");
  if (!colIndices.every((column) => column >= 0 && column < columns!)) fail(`a column is outside 0 to ${columns! - 1}`);
  return tensor;
}

/** The same tensor with every element spelled out. */
export function toDense(tensor: Tensor): Tensor {
  const { sparse, shape } = tensor;
  if (!sparse) return tensor;
  const [rows = 0, columns = 0] = shape;
  const fill = <A extends Float32Array | Int32Array | BigInt64Array>(dense: A, values: A): A => {
    for (let row = 0; row < rows; row++) {
      for (let k = sparse.crowIndices[row]!; k < sparse.crowIndices[row + 1]!; k++) {
        dense[row * columns + sparse.colIndices[k]!] = values[k]!;
      }
    }
    return dense;
  };
  const size = rows * columns;
  if (tensor.dtype === "float32") return { dtype: "float32", shape, data: fill(new Float32Array(size), tensor.data) };
  const { data } = tensor;
  const dense = data instanceof Int32Array ? fill(new Int32Array(size), data) : fill(new BigInt64Array(size), data);
  return { dtype: "int64", shape, data: dense };
}

export const tensorJsonSchema = z.object({
  // A NaN or an infinity is `null` in JSON.
  data: z.array(z.number().nullable()),
  dtype: z.enum(["float32", "int64"]),
  shape: z.array(z.number().int().nonnegative()).nullish(),
  sparse_crow_indices: z.array(z.number().int()).nullish(),
  sparse_col_indices: z.array(z.number().int()).nullish(),
});

export type TensorJson = z.infer<typeof tensorJsonSchema>;

export function tensorToJson({ dtype, data, shape, sparse }: Tensor): TensorJson {
  return {
    data: Array.from<number | bigint, number>(data, Number),
    dtype,
    shape: [...shape],
    ...(sparse && {
      sparse_crow_indices: [...sparse.crowIndices],
      sparse_col_indices: [...sparse.colIndices],
    }),
  };
}

/** @throws WireFormatError naming `where`. */
export function tensorFromJson(json: TensorJson, where: string): Tensor {
  const { data, dtype, shape, sparse_crow_indices: rows, sparse_col_indices: columns } = json;
  if (Boolean(rows) !== Boolean(columns))
    throw new WireFormatError(`${where}: one of the sparse index arrays is missing`);
  if (rows && !shape) throw new WireFormatError(`${where}: a sparse tensor needs its shape`);
  const layout = {
    shape: shape ?? [data.length],
    ...(rows && columns && { sparse: { crowIndices: Int32Array.from(rows), colIndices: Int32Array.from(columns) } }),
  };
  if (dtype === "float32") {
    const floats = Float32Array.from(data, (value) => value ?? Number.NaN);
    return checked({ dtype, data: floats, ...layout }, where);
  }
  const wrong = data.findIndex((value) => !Number.isSafeInteger(value));
  if (wrong >= 0) throw new WireFormatError(`${where}[${wrong}]: ${data[wrong]} is not a whole number`);
  const integers = data as number[];
  const whole = integers.every((value) => value === (value | 0))
    ? Int32Array.from(integers)
    : BigInt64Array.from(integers, BigInt);
  return checked({ dtype, data: whole, ...layout }, where);
}
