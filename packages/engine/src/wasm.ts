/** WebAssembly value types in use; `v128` holds four f32, four i32 or two f64 lanes. */
export type ValueType = "i32" | "f32" | "f64" | "v128";

const TYPE_BYTE: Readonly<Record<ValueType, number>> = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b };

/** Code that leaves one value of type `T` on the stack. */
export interface Expression<T extends ValueType = ValueType> {
  readonly type: T;
  readonly code: readonly number[];
}

/** A parameter or local variable; as an expression, its value. */
export interface Local<T extends ValueType = ValueType> extends Expression<T> {
  readonly index: number;
}

type I32 = Expression<"i32">;
type F32 = Expression<"f32">;
type F64 = Expression<"f64">;
type V128 = Expression<"v128">;

/** LEB128, unsigned. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  do {
    const low = value & 0x7f;
    value >>>= 7;
    bytes.push(value === 0 ? low : low | 0x80);
  } while (value !== 0);
  return bytes;
}

/** LEB128, signed. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  for (;;) {
    const low = value & 0x7f;
    value >>= 7;
    if ((value === 0 && (low & 0x40) === 0) || (value === -1 && (low & 0x40) !== 0)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

function float32Bytes(value: number): number[] {
  return [...new Uint8Array(new Float32Array([value]).buffer)];
}

function vector<T>(items: readonly (readonly T[])[]): (T | number)[] {
  return [...unsigned(items.length), ...items.flat()];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function text(value: string): number[] {
  return [...unsigned(value.length), ...Buffer.from(value, "ascii")];
}

/** An operation on values of one kind: its opcode after the operands. */
const unary =
  <A extends ValueType, R extends ValueType>(type: R, ...opcode: number[]) =>
  (a: Expression<A>): Expression<R> => ({ type, code: [...a.code, ...opcode] });

const binary =
  <A extends ValueType, R extends ValueType>(type: R, ...opcode: number[]) =>
  (a: Expression<A>, b: Expression<A>): Expression<R> => ({ type, code: [...a.code, ...b.code, ...opcode] });

/** Opcode in the SIMD space. */
const simd = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];

/** A memory access of natural alignment `1 << align` at `address + offset` (bytes). */
const load =
  <R extends ValueType>(type: R, opcode: readonly number[], align: number) =>
  (address: I32, offset = 0): Expression<R> => ({
    type,
    code: [...address.code, ...opcode, ...unsigned(align), ...unsigned(offset)],
  });

export const i32 = {
  const: (value: number): I32 => ({ type: "i32", code: [0x41, ...signed(value)] }),
  add: binary<"i32", "i32">("i32", 0x6a),
  sub: binary<"i32", "i32">("i32", 0x6b),
  mul: binary<"i32", "i32">("i32", 0x6c),
  and: binary<"i32", "i32">("i32", 0x71),
  lt: binary<"i32", "i32">("i32", 0x48),
  ge: binary<"i32", "i32">("i32", 0x4e),
  eq: binary<"i32", "i32">("i32", 0x46),
  /** `a << bits`. */
  shl: (a: I32, bits: number): I32 => ({ type: "i32", code: [...a.code, ...i32.const(bits).code, 0x74] }),
  load: load("i32", [0x28], 2),
};

export const f32 = {
  const: (value: number): F32 => ({ type: "f32", code: [0x43, ...float32Bytes(value)] }),
  add: binary<"f32", "f32">("f32", 0x92),
  sub: binary<"f32", "f32">("f32", 0x93),
  mul: binary<"f32", "f32">("f32", 0x94),
  div: binary<"f32", "f32">("f32", 0x95),
  max: binary<"f32", "f32">("f32", 0x97),
  sqrt: unary<"f32", "f32">("f32", 0x91),
  neg: unary<"f32", "f32">("f32", 0x8c),
  convertI32: unary<"i32", "f32">("f32", 0xb2),
  load: load("f32", [0x2a], 2),
};

export const f64 = {
  add: binary<"f64", "f64">("f64", 0xa0),
};

export const f64x2 = {
  splatZero: (): V128 => ({ type: "v128", code: [...simd(12), ...Array.from({ length: 16 }, () => 0)] }),
  add: binary<"v128", "v128">("v128", ...simd(0xf0)),
  mul: binary<"v128", "v128">("v128", ...simd(0xf2)),
  /** The first two f32 lanes as f64. */
  promoteLow: unary<"v128", "v128">("v128", ...simd(0x5f)),
  lane: (a: V128, lane: 0 | 1): F64 => ({ type: "f64", code: [...a.code, ...simd(0x21), lane] }),
};

export const f32x4 = {
  splat: unary<"f32", "v128">("v128", ...simd(0x13)),
  /** The same constant in every lane. */
  const: (value: number): V128 => {
    const bytes = float32Bytes(value);
    return { type: "v128", code: [...simd(12), ...bytes, ...bytes, ...bytes, ...bytes] };
  },
  lane: (a: V128, lane: 0 | 1 | 2 | 3): F32 => ({ type: "f32", code: [...a.code, ...simd(0x1f), lane] }),
  add: binary<"v128", "v128">("v128", ...simd(0xe4)),
  sub: binary<"v128", "v128">("v128", ...simd(0xe5)),
  mul: binary<"v128", "v128">("v128", ...simd(0xe6)),
  div: binary<"v128", "v128">("v128", ...simd(0xe7)),
  /** `b < a ? b : a`: one instruction, which `min` is not; NaN where `a` is. */
  pmin: binary<"v128", "v128">("v128", ...simd(0xea)),
  /** `a < b ? b : a`; NaN where `a` is. */
  pmax: binary<"v128", "v128">("v128", ...simd(0xeb)),
  sqrt: unary<"v128", "v128">("v128", ...simd(0xe3)),
  neg: unary<"v128", "v128">("v128", ...simd(0xe1)),
  /** All bits set in the lanes where a < b, none elsewhere. */
  lt: binary<"v128", "v128">("v128", ...simd(0x43)),
  /** The bits of `a` that are not in `b`. */
  andNot: binary<"v128", "v128">("v128", ...simd(0x4f)),
  /** Four lanes out of those of `a` (0 to 3) and `b` (4 to 7). */
  shuffle: (a: V128, b: V128, lanes: readonly number[]): V128 => ({
    type: "v128",
    code: [...a.code, ...b.code, ...simd(13), ...lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte))],
  }),
  /** Lanes 2, 3, 0, 1 of `a`: the low half holds what was high. */
  swapHalves: (a: V128): V128 => f32x4.shuffle(a, a, [2, 3, 0, 1]),
  load: load("v128", simd(0), 4),
  /** One f32 from memory in every lane. */
  loadSplat: load("v128", simd(9), 2),
};

export const i32x4 = {
  shl: (a: V128, bits: number): V128 => ({ type: "v128", code: [...a.code, ...i32.const(bits).code, ...simd(0xab)] }),
};

/** The body of one function, written statement by statement. */
export class FunctionBuilder {
  readonly #locals: ValueType[] = [];
  readonly #numParameters: number;
  readonly #code: number[] = [];

  constructor(numParameters: number) {
    this.#numParameters = numParameters;
  }

  /** Declare a variable, zero until set. */
  local<T extends ValueType>(type: T): Local<T> {
    const index = this.#numParameters + this.#locals.push(type) - 1;
    return { type, index, code: [0x20, ...unsigned(index)] };
  }

  /** Declare a variable with a value. */
  let<T extends ValueType>(value: Expression<T>): Local<T> {
    const local = this.local(value.type);
    this.set(local, value);
    return local;
  }

  set<T extends ValueType>(local: Local<T>, value: Expression<T>): void {
    this.#code.push(...value.code, 0x21, ...unsigned(local.index));
  }

  /** `local += amount`, for addresses and counters. */
  increment(local: Local<"i32">, amount: I32): void {
    this.set(local, i32.add(local, amount));
  }

  storeF32(address: I32, value: F32, offset = 0): void {
    this.#code.push(...address.code, ...value.code, 0x38, 2, ...unsigned(offset));
  }

  storeV128(address: I32, value: V128, offset = 0): void {
    this.#code.push(...address.code, ...value.code, ...simd(11), 4, ...unsigned(offset));
  }

  /** `for (i = start; i < end; i += step)`; the bounds are evaluated in every round. Leaves `i` at the first value not run. */
  range(start: I32, end: I32, step: number, body: (i: Local<"i32">) => void): Local<"i32"> {
    const i = this.let(start);
    this.while(i32.lt(i, end), () => {
      body(i);
      this.increment(i, i32.const(step));
    });
    return i;
  }

  /** `while (condition) body`. */
  while(condition: I32, body: () => void): void {
    this.if(condition, () => {
      this.#code.push(0x03, 0x40); // loop
      body();
      this.#code.push(...condition.code, 0x0d, 0, 0x0b); // br_if 0, end
    });
  }

  /** Repeat `body` until a condition that it gives to `breakIf`, outside of any block of its own, holds. */
  loop(body: (breakIf: (condition: I32) => void) => void): void {
    this.#code.push(0x02, 0x40, 0x03, 0x40); // block, loop
    body((condition) => this.#code.push(...condition.code, 0x0d, 1)); // br_if out of the block
    this.#code.push(0x0c, 0, 0x0b, 0x0b); // br to the loop's start, end, end
  }

  if(condition: I32, then: () => void, otherwise?: () => void): void {
    this.#code.push(...condition.code, 0x04, 0x40);
    then();
    if (otherwise) {
      this.#code.push(0x05);
      otherwise();
    }
    this.#code.push(0x0b);
  }

  /** The function's code as it stands in the code section; `result` is what it returns. */
  finish(result?: Expression): number[] {
    const locals = vector(this.#locals.map((type) => [1, TYPE_BYTE[type]]));
    const body = [...locals, ...this.#code, ...(result?.code ?? []), 0x0b];
    return [...unsigned(body.length), ...body];
  }
}

type Locals<P extends readonly ValueType[]> = { [K in keyof P]: Local<P[K]> };

/** Assembles one module that imports its memory as `env.memory` and exports every function by name. */
export class ModuleBuilder {
  readonly #types: number[][] = [];
  readonly #exports: number[][] = [];
  readonly #bodies: number[][] = [];

  /** Add an exported function. `build` writes the body and may return the result's expression. */
  function<const P extends readonly ValueType[]>(
    name: string,
    parameters: P,
    build: (body: FunctionBuilder, ...parameters: Locals<P>) => Expression | void,
  ): void {
    const body = new FunctionBuilder(parameters.length);
    const locals = parameters.map((type, index): Local => ({ type, index, code: [0x20, ...unsigned(index)] }));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one local per parameter, in order
    const result = build(body, ...(locals as Locals<P>));
    const results = result ? [[TYPE_BYTE[result.type]]] : [];
    this.#exports.push([...text(name), 0x00, ...unsigned(this.#bodies.length)]);
    this.#types.push([0x60, ...vector(parameters.map((type) => [TYPE_BYTE[type]])), ...vector(results)]);
    this.#bodies.push(body.finish(result ?? undefined));
  }

  /** The binary module. */
  bytes(): Uint8Array<ArrayBuffer> {
    const magicAndVersion = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
    const memoryImport = [...text("env"), ...text("memory"), 0x02, 0x00, 0x01];
    return new Uint8Array([
      ...magicAndVersion,
      ...section(1, vector(this.#types)),
      ...section(2, vector([memoryImport])),
      ...section(3, vector(this.#bodies.map((_, index) => unsigned(index)))),
      ...section(7, vector(this.#exports)),
      ...section(10, vector(this.#bodies)),
    ]);
  }
}
