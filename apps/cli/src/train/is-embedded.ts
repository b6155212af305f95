import { SHIPPED_CHECKPOINTS } from "@pka/engine";

/** Whether the embedded model is trained: in this process (`--engine`), or under its name by a server such as `pka serve`. */
export function isEmbedded({
  engine,
  modelName,
}: {
  readonly engine?: string | true;
  readonly modelName: string;
}): boolean {
  return engine !== undefined || SHIPPED_CHECKPOINTS.some((name) => name === modelName);
}
