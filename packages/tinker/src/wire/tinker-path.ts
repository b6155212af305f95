import { UsageError } from "@pka/core";

/** `weights`: adapter and optimizer state, to train on. `sampler_weights`: to sample from. `external_weights`: exported. */
export type CheckpointKind = "weights" | "sampler_weights" | "external_weights";

/** The parts of `tinker://<run>/<kind>/<name>`. */
export interface TinkerPath {
  readonly runId: string;
  readonly kind: CheckpointKind;
  readonly name: string;
}

const SCHEME = "tinker://";
const KINDS: readonly string[] = ["weights", "sampler_weights", "external_weights"] satisfies CheckpointKind[];

/** The text of a path: `tinker://<run>/<kind>/<name>`. */
export function formatTinkerPath({ runId, kind, name }: TinkerPath): string {
  return `${SCHEME}${runId}/${kind}/${name}`;
}

/** @throws UsageError saying what a path looks like. */
export function parseTinkerPath(text: string): TinkerPath {
  const [runId = "", kind = "", name = "", ...rest] = text.startsWith(SCHEME)
    ? text.slice(SCHEME.length).split("/")
    : [];
  // They become parts of a URL: "..", "?" and the like would make another one.
  const isPlain = [runId, name].every((part) => /^[\w.:+=@~-]+$/.test(part) && !/^\.+$/.test(part));
  if (isPlain && rest.length === 0 && KINDS.includes(kind)) return { runId, kind: kind as CheckpointKind, name };
  throw new UsageError(
    `"${text}" is no checkpoint path: it must be tinker://<training run>/weights/<name> or tinker://<training run>/sampler_weights/<name>`,
  );
}
