/** The part of the global `WebAssembly` in use. TypeScript declares it in the DOM library only, which does not belong in a Node package. */
interface WebAssemblyApi {
  readonly Memory: new (size: { readonly initial: number; readonly maximum: number }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- only the caller knows what the module exports
  readonly Instance: new <E>(
    module: WasmModule,
    imports: { readonly env: { readonly memory: WasmMemory } },
  ) => { readonly exports: E };
  validate(bytes: Uint8Array): boolean;
}

/** A linear memory in pages of 64 KiB. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /** Add pages; `buffer` is then another object. @throws RangeError beyond the maximum. */
  grow(pages: number): number;
}

/** A compiled module. */
export interface WasmModule {
  readonly __module: never;
}

declare const WebAssembly: WebAssemblyApi;

export const webAssembly: WebAssemblyApi = WebAssembly;
