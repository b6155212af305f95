import { ModuleBuilder } from "../wasm.js";
import { webAssembly, type WasmMemory, type WasmModule } from "../webassembly.js";
import { defineAttention } from "./attention.js";
import { defineGemm } from "./gemm.js";
import { defineRmsNorm, defineRotary, defineSwiglu } from "./layers.js";
import { defineOptimizer } from "./optimizer.js";
import { defineVocabulary } from "./vocabulary.js";

/** Parameters as named beside each kernel's definition: addresses, strides and sizes in bytes are `i32`, factors `f32`. */
type Kernel<R = void> = (...parameters: number[]) => R;

/** The compute kernels over one memory. */
export interface Kernels {
  readonly pack: Kernel;
  readonly multiply: Kernel;
  readonly multiplyTransposed: Kernel;
  readonly rmsNorm: Kernel;
  readonly rmsNormBackward: Kernel;
  readonly rotate: Kernel;
  readonly swiglu: Kernel;
  readonly swigluBackward: Kernel;
  readonly attend: Kernel;
  readonly attendBackward: Kernel;
  readonly gatherRows: Kernel;
  readonly scatterAddRows: Kernel;
  readonly softmaxRows: Kernel;
  readonly logitGradient: Kernel;
  readonly sumOfSquares: Kernel<number>;
  readonly adam: Kernel;
}

/** The kernels as a WebAssembly module that imports its memory as `env.memory`. */
export function emitKernels(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  defineGemm(module);
  defineRmsNorm(module);
  defineRotary(module);
  defineSwiglu(module);
  defineAttention(module);
  defineVocabulary(module);
  defineOptimizer(module);
  return module.bytes();
}

let compiled: WasmModule | undefined;

/** Kernels that work on `memory`. The module is emitted and compiled once per thread. */
export function instantiateKernels(memory: WasmMemory): Kernels {
  compiled ??= new webAssembly.Module(emitKernels());
  return new webAssembly.Instance<Kernels>(compiled, { env: { memory } }).exports;
}
