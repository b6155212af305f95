import { randomBytes } from "node:crypto";
import { createTar } from "nanotar";
import { readCheckpoint } from "../checkpoint.js";
import { loraLayout } from "../lora.js";
import { encodeSafetensors, type FloatTensor } from "../safetensors.js";
import { ApiError } from "./api-error.js";
import type { CheckpointRecord } from "./records.js";
import type { Store } from "./store.js";

/** As long as the service's own links hold. */
const OFFER_MS = 15 * 60_000;

/** Downloads of checkpoints as archives in the form of PEFT: a tar with `adapter_model.safetensors` and `adapter_config.json`. */
export class Archives {
  readonly #store: Store;
  readonly #offers = new Map<string, { readonly checkpoint: CheckpointRecord; readonly expiresAt: number }>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** A token that stands for the checkpoint for a quarter of an hour. */
  offer(checkpoint: CheckpointRecord): { readonly token: string; readonly expiresAt: number } {
    const now = Date.now();
    for (const [token, { expiresAt }] of this.#offers) if (expiresAt < now) this.#offers.delete(token);
    const token = randomBytes(24).toString("base64url");
    const expiresAt = now + OFFER_MS;
    this.#offers.set(token, { checkpoint, expiresAt });
    return { token, expiresAt };
  }

  /** @throws ApiError 404 for a token that is unknown or too old. */
  async read(token: string): Promise<{ readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }> {
    const offer = this.#offers.get(token);
    if (!offer || offer.expiresAt < Date.now())
      throw new ApiError(404, "this link is too old or wrong: ask for another one");
    const { checkpoint } = offer;
    const run = this.#store.run(checkpoint.runId);
    const { config, lora } = await readCheckpoint(this.#store.fileOf(checkpoint));
    if (!lora) throw new ApiError(400, "the checkpoint has no adapter");
    const layout = loraLayout(config, lora.config);
    const { rank, alpha } = lora.config;
    const tensors = new Map<string, FloatTensor>();
    for (const { name, shape, offset, length } of layout.tensors) {
      const [, matrix, side] = /^lora\.(.+)\.([ab])$/.exec(name)!;
      const values = lora.adapters.subarray(offset, offset + length);
      const [rows, columns] = side === "a" ? [shape[0]!, rank] : [rank, shape[1]!];
      const key = `base_model.model.${matrix}.lora_${side!.toUpperCase()}.weight`;
      // A layer's matrix maps rows here and columns there; what lies beyond the rank is padding.
      tensors.set(key, transposed(values, shape[1]!, rows, columns));
    }
    const adapterConfig = {
      peft_type: "LORA",
      base_model_name_or_path: run.baseModel,
      r: rank,
      lora_alpha: alpha,
      lora_dropout: 0,
      bias: "none",
      target_modules: [...new Set(layout.tensors.map(({ name }) => name.split(".").slice(3, -1).join(".")))],
    };
    const bytes = createTar([
      { name: "adapter_config.json", data: `${JSON.stringify(adapterConfig, undefined, 2)}\n` },
      {
        name: "adapter_model.safetensors",
        data: new Uint8Array(encodeSafetensors({ metadata: { format: "pt" }, tensors })),
      },
    ]);
    return { name: checkpoint.name, bytes: new Uint8Array(bytes) };
  }
}

/** The transpose of the first `rows` × `columns` of a matrix whose rows are `stride` long. */
function transposed(values: Float32Array, stride: number, rows: number, columns: number): FloatTensor {
  const flipped = Float32Array.from(
    { length: rows * columns },
    (_, i) => values[(i % rows) * stride + Math.floor(i / rows)]!,
  );
  return { shape: [columns, rows], values: flipped };
}
