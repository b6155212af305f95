let loading: Promise<typeof import("@bokuweb/zstd-wasm")> | undefined;

/** Zstandard. The WebAssembly module is loaded at the first call. */
export async function compress(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  loading ??= import("@bokuweb/zstd-wasm").then(async (zstd) => {
    await zstd.init();
    return zstd;
  });
  // A level above 3 costs more time than it saves on any link.
  return (await loading).compress(bytes, 3) as Uint8Array<ArrayBuffer>;
}
