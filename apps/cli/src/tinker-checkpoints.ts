import { createInterface } from "node:readline/promises";
import { messageOf, UsageError } from "@pka/core";
import { allPages, type CheckpointInfo, type CheckpointKind, downloadCheckpoint, selectCheckpoints } from "@pka/tinker";
import { EXIT } from "./exit-codes.js";
import { table } from "./format.js";
import { openTinker } from "./open-tinker.js";
import { printable, Stderr } from "./stderr.js";
import { printJson } from "./print-json.js";

interface Shared {
  readonly baseUrl?: string;
  readonly json?: true;
}

/** `pka tinker checkpoints list`. */
export async function listCheckpoints(options: Shared & { runId?: string; limit: number }): Promise<void> {
  const { rest } = openTinker(options);
  const { items, totalCount } =
    options.runId === undefined
      ? await allPages((page) => rest.listUserCheckpoints(page), options.limit)
      : await rest.listCheckpoints(options.runId).then((all) => ({ items: all, totalCount: all.length }));
  if (options.json) {
    printJson({ schema: 1, totalCount, checkpoints: items });
    return;
  }
  const rows = items.map((checkpoint) => [
    checkpoint.tinkerPath,
    checkpoint.checkpointType,
    size(checkpoint),
    checkpoint.isPublic ? "public" : "private",
    checkpoint.time.toISOString(),
    checkpoint.expiresAt?.toISOString() ?? "never",
  ]);
  const cells = rows.map((row) => row.map(printable));
  console.log(table(["path", "type", "size", "access", "saved", "expires"], cells));
  if (totalCount !== undefined) console.log(`${items.length} of ${totalCount}`);
}

/** `pka tinker checkpoints delete`. Each is tried, whatever happened to the one before. */
export async function deleteCheckpoints(
  paths: readonly string[],
  options: Shared & { runId?: string; type?: CheckpointKind; before?: Date; after?: Date; yes?: true },
): Promise<number> {
  const { runId, type: kind, before, after } = options;
  const hasFilter = kind !== undefined || before !== undefined || after !== undefined;
  if (paths.length > 0 === (runId !== undefined)) throw new UsageError("give checkpoint paths, or --run-id");
  if (hasFilter && runId === undefined) throw new UsageError("--type, --before and --after go with --run-id");
  const { rest } = openTinker(options);
  const stderr = new Stderr();
  const chosen =
    runId === undefined
      ? paths
      : selectCheckpoints(await rest.listCheckpoints(runId), { kind, before, after }).map(
          ({ tinkerPath }) => tinkerPath,
        );
  if (chosen.length > 0 && !options.yes && !(await confirm(chosen))) {
    stderr.info("Nothing was deleted.");
    return EXIT.done;
  }
  const failed: { path: string; error: string }[] = [];
  for (const path of chosen) {
    await rest.deleteCheckpoint(path).catch((error: unknown) => {
      failed.push({ path, error: messageOf(error) });
    });
  }
  const deleted = chosen.filter((path) => !failed.some((each) => each.path === path));
  for (const { path, error } of failed) stderr.error(`${path}: ${error}`);
  if (options.json) printJson({ schema: 1, deleted, failed });
  else console.log(`${deleted.length} deleted, ${failed.length} failed`);
  return failed.length === 0 ? EXIT.done : EXIT.failed;
}

/** `pka tinker checkpoints publish`. */
export async function publishCheckpoint(path: string, options: Shared): Promise<void> {
  await openTinker(options).rest.publishCheckpoint(path);
  tell(options, { path, access: "public" });
}

/** `pka tinker checkpoints unpublish`. */
export async function unpublishCheckpoint(path: string, options: Shared): Promise<void> {
  await openTinker(options).rest.unpublishCheckpoint(path);
  tell(options, { path, access: "private" });
}

/** `pka tinker checkpoints download`. */
export async function download(path: string, options: Shared & { output: string; force?: true }): Promise<void> {
  const { folder, files, bytes } = await downloadCheckpoint(openTinker(options).rest, path, {
    outputDir: options.output,
    force: options.force ?? false,
  });
  if (options.json) printJson({ schema: 1, path, folder, files, bytes });
  else console.log(printable(`${folder}: ${files.join(", ")} (${megabytes(bytes)})`));
}

function tell(options: Shared, outcome: { readonly path: string; readonly access: string }): void {
  console.log(
    options.json ? JSON.stringify({ schema: 1, ...outcome }, null, 2) : `${outcome.path} is ${outcome.access}`,
  );
}

function size({ sizeBytes }: CheckpointInfo): string {
  return sizeBytes === undefined ? "?" : megabytes(sizeBytes);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** @throws UsageError where nobody can be asked. */
async function confirm(paths: readonly string[]): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError("deleting is for good: confirm it with --yes");
  const questions = createInterface({ input: process.stdin, output: process.stderr });
  const list = paths.map((path) => `  ${printable(path)}\n`).join("");
  const answer = await questions.question(`${list}Delete these ${paths.length} checkpoints for good? [y/N] `);
  questions.close();
  return /^y(es)?$/i.test(answer.trim());
}
