import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

/** The most that the embedded model ever needs: its longest thought and answer are under 24 tokens. */
export const ENGINE_MAX_TOKENS = { qa: 64, math: 64 };

/** A checkpoint of the embedded engine, with what it takes to ask it. */
export async function openEngineModel(checkpoint: string) {
  const [{ checkpointFile, openEngine: open }, { tinyRenderer }] = await Promise.all([
    import("@pka/engine"),
    import("@pka/renderers"),
  ]);
  const engine = await open(checkpoint);
  const sha256 = createHash("sha256")
    .update(await readFile(checkpointFile(checkpoint)))
    .digest("hex");
  return {
    client: await engine.samplingClient(),
    renderer: tinyRenderer(engine.tokenizer),
    maxTokens: ENGINE_MAX_TOKENS,
    settings: { checkpointSha256: sha256 },
    isLocal: true,
    close: () => engine.close(),
  };
}
