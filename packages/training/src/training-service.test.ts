import { join } from "node:path";
import { ModelError, type TrainingClient } from "@pka/core";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { CheckpointGoneError } from "./errors.js";
import { openRunFolder } from "./run-folder.js";
import { openTrainingClient } from "./training-service.js";

test.each([
  { kind: "not-found", isGone: true },
  { kind: "invalid-request", isGone: true },
  { kind: "connection", isGone: false },
  { kind: "auth", isGone: false },
  { kind: "overloaded", isGone: false },
] as const)("a service that fails with $kind: is the checkpoint gone? $isGone", async ({ kind, isGone }) => {
  const path = join(temporaryFolder(), "run");
  const open = () => openRunFolder({ path, config: {}, stepOf: ({ batch }) => batch });
  const first = await open();
  first.commitCheckpoint({ name: "000001", batch: 1, statePath: "state" });
  await first.close();
  const run = await open();
  const error = new ModelError("no", { kind });
  const service = {
    createTrainingClient: (): Promise<TrainingClient> => Promise.reject(error),
    createBaseSamplingClient: () => Promise.reject(error),
  };
  const thrown = await openTrainingClient(service, run).catch((reason: unknown) => reason);
  if (isGone) expect(thrown).toBeInstanceOf(CheckpointGoneError);
  else expect(thrown).toBe(error);
  await run.close();
});
