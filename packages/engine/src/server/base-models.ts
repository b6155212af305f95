import { nearestName, type Tokenizer } from "@pka/core";
import type { Engine } from "../engine.js";
import { openEngine } from "../open-engine.js";
import { ApiError } from "./api-error.js";
import { harmonyCodec } from "./harmony-codec.js";
import { identityCodec, type TokenCodec } from "./token-codec.js";

/** A name that clients may give as base model, and what stands behind it. */
export interface ServedModel {
  readonly name: string;
  /** What `openEngine` takes. */
  readonly checkpoint: string;
  /** Ids that its clients send: the engine's own, or those of `o200k_harmony`. Default `engine`. */
  readonly vocabulary?: "engine" | "harmony";
}

/** The embedded models, and the paper's model on Tinker, for which `tiny` stands in. */
export const SERVED_MODELS: readonly ServedModel[] = [
  { name: "tiny", checkpoint: "tiny" },
  { name: "tiny-base", checkpoint: "tiny-base" },
  { name: "openai/gpt-oss-20b", checkpoint: "tiny", vocabulary: "harmony" },
];

/** A base model, opened. */
export interface BaseModel {
  readonly name: string;
  readonly engine: Engine;
  readonly codec: TokenCodec;
}

export interface BaseModelsOptions {
  readonly models: readonly ServedModel[];
  /** Models with harmony's vocabulary are served only with it. */
  readonly harmonyTokenizer: (() => Promise<Tokenizer>) | undefined;
  readonly worker: boolean;
}

/** Opens base models at their first use; names with the same checkpoint share an engine. */
export class BaseModels {
  readonly #options: BaseModelsOptions;
  readonly #served: ReadonlyMap<string, ServedModel>;
  readonly #engines = new Map<string, Promise<Engine>>();
  readonly #opened = new Map<string, Promise<BaseModel>>();

  constructor(options: BaseModelsOptions) {
    this.#options = options;
    const served = options.models.filter(({ vocabulary }) => vocabulary !== "harmony" || options.harmonyTokenizer);
    this.#served = new Map(served.map((model) => [model.name, model]));
  }

  get names(): string[] {
    return [...this.#served.keys()];
  }

  /** Without opening more than the checkpoint behind it. */
  async describe(name: string): Promise<{ readonly name: string; readonly contextLength: number }> {
    const { config } = await this.#engine(this.#served.get(name)!.checkpoint);
    return { name, contextLength: config.contextLength };
  }

  #engine(checkpoint: string): Promise<Engine> {
    return remember(this.#engines, checkpoint, () => openEngine(checkpoint, { worker: this.#options.worker }));
  }

  /** @param name - May carry a variant behind a colon, as on Tinker. @throws ApiError 404 for an unknown name, with the nearest one. */
  open(name: string): Promise<BaseModel> {
    const model = this.#served.get(name) ?? this.#served.get(name.split(":")[0]!);
    if (!model) {
      const nearest = nearestName(name, this.names);
      const hint = nearest === undefined ? "" : `; did you mean ${nearest}?`;
      throw new ApiError(404, `there is no base model "${name}"${hint} (served: ${this.names.join(", ")})`);
    }
    return remember(this.#opened, model.name, () => this.#open(model));
  }

  async #open({ name, checkpoint, vocabulary }: ServedModel): Promise<BaseModel> {
    const { harmonyTokenizer } = this.#options;
    const engine = await this.#engine(checkpoint);
    const codec =
      vocabulary === "harmony" && harmonyTokenizer
        ? harmonyCodec(await harmonyTokenizer(), engine.tokenizer)
        : identityCodec(engine.tokenizer);
    return { name, engine, codec };
  }

  async close(): Promise<void> {
    for (const engine of this.#engines.values()) await (await engine).close();
  }
}

/** A failed attempt is forgotten. */
function remember<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const made =
    known.get(key) ??
    make().catch((error: unknown) => {
      known.delete(key);
      throw error;
    });
  known.set(key, made);
  return made;
}
