/** Fields of protocol buffers, each with its tag in front. */

const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** @param value - A whole number ≥ 0. */
export function varint(field: number, value: number): Buffer {
  return Buffer.concat([tag(field, WIRE.varint), number(value)]);
}

export function double(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([tag(field, WIRE.fixed64), bytes]);
}

/** Single precision. */
export function fixed32Float(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([tag(field, WIRE.fixed32), bytes]);
}

export function text(field: number, value: string): Buffer {
  return embedded(field, Buffer.from(value));
}

/** Another message, or bytes. */
export function embedded(field: number, message: Uint8Array): Buffer {
  return Buffer.concat([tag(field, WIRE.bytes), number(message.length), message]);
}

function tag(field: number, wire: number): Buffer {
  return number(field * 8 + wire);
}

function number(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}
