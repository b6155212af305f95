import { WireFormatError } from "./wire-format-error.js";

const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

type NumberArray = Int32Array | Float32Array | BigInt64Array;

/** The array's bytes, little-endian. Shares memory with it where the machine is little-endian itself. */
export function pack(array: NumberArray): Uint8Array {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return IS_LITTLE_ENDIAN ? bytes : swapped(bytes, array.BYTES_PER_ELEMENT);
}

/** @throws WireFormatError when the length is no multiple of 4. */
export function unpackInt32(bytes: Uint8Array, where: string): Int32Array {
  return new Int32Array(aligned(bytes, 4, where));
}

/** @throws WireFormatError when the length is no multiple of 4. */
export function unpackFloat32(bytes: Uint8Array, where: string): Float32Array {
  return new Float32Array(aligned(bytes, 4, where));
}

/** @throws WireFormatError when the length is no multiple of 8. */
export function unpackInt64(bytes: Uint8Array, where: string): BigInt64Array {
  return new BigInt64Array(aligned(bytes, 8, where));
}

/** bfloat16 is the upper half of a float32. @throws WireFormatError when the length is odd. */
export function unpackBfloat16(bytes: Uint8Array, where: string): Float32Array {
  const halves = new Uint16Array(aligned(bytes, 2, where));
  const wide = Uint32Array.from(halves, (half) => half << 16);
  return new Float32Array(wide.buffer);
}

/** A copy: messages hand out views into the reply, at any offset, and a view would keep the whole reply alive. */
function aligned(bytes: Uint8Array, size: number, where: string): ArrayBuffer {
  if (bytes.byteLength % size !== 0) {
    throw new WireFormatError(`${where}: ${bytes.byteLength} bytes are not a whole number of ${size}-byte elements`);
  }
  const copy = IS_LITTLE_ENDIAN ? new Uint8Array(bytes) : swapped(bytes, size);
  return copy.buffer as ArrayBuffer;
}

function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  for (let start = 0; start < copy.length; start += size) copy.subarray(start, start + size).reverse();
  return copy;
}
