import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventFileSink } from "@pka/training";
import { describe, expect, onTestFinished, test } from "vitest";
import { python } from "../python.js";
import { runOrThrow } from "../run.js";

const interpreter = python();

describe.skipIf(interpreter === null)(
  `TensorBoard${interpreter === null ? " (skipped: no Python environment)" : ""}`,
  () => {
    test("its reader finds every scalar, and of a resumed run only what was done last", async () => {
      const folder = mkdtempSync(join(tmpdir(), "pka-tensorboard-"));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      const first = new EventFileSink(folder);
      for (let step = 0; step < 300; step++) first.log(step, { "env/all/reward/total": step / 4, broken: Number.NaN });
      first.close();
      const second = new EventFileSink(join(folder, "resumed"));
      second.log(0, { loss: 1 });
      second.log(1, { loss: 2 });
      second.close();

      expect(await scalars(folder)).toEqual({
        "env/all/reward/total": Array.from({ length: 300 }, (_, step) => [step, step / 4]),
      });
      const resumed = new EventFileSink(join(folder, "resumed"), 1);
      resumed.log(1, { loss: 3 });
      resumed.close();
      // The second file of a process has the same name: both parts are in one.
      expect(await scalars(join(folder, "resumed"))).toEqual({
        loss: [
          [0, 1],
          [1, 3],
        ],
      });
    });
  },
);

async function scalars(folder: string): Promise<unknown> {
  const { stdout } = await runOrThrow(interpreter!, [join(import.meta.dirname, "event_file.py"), folder], {
    timeoutMs: 120_000,
  });
  return JSON.parse(stdout);
}
