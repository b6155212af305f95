import { cp, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { delimiter, join, relative } from "node:path";
import { runOrThrow } from "../conformance/run.js";
import type { Registry } from "./registry.js";

/** A package as it was published. */
export interface Published {
  /** Such as `@pka/grading`. */
  readonly name: string;
  readonly version: string;
  /** Text of its README. */
  readonly readme: string;
}

/**
 * What a release does, in a copy: versions from the changesets, change logs, every public package to the registry.
 *
 * @param root - A built checkout; it is only read.
 * @param copy - Folder that does not exist yet.
 * @param pnpm - Path of its script.
 */
export async function publishAll(root: string, copy: string, pnpm: string, registry: Registry): Promise<Published[]> {
  await copyCheckout(root, copy);
  await writeFile(join(copy, ".npmrc"), registry.npmrc);
  const git = (...args: string[]): Promise<unknown> =>
    runOrThrow("git", ["-c", "user.name=rehearsal", "-c", "user.email=rehearsal@localhost", ...args], {
      cwd: copy,
      timeoutMs: 60_000,
    });
  await git("init", "--quiet", "--initial-branch=main");
  await git("add", "--all");
  await git("commit", "--quiet", "--message", "Before the release");

  const bin = await pnpmOnPath(copy, pnpm);
  const changeset = (...args: string[]): Promise<unknown> =>
    runOrThrow(process.execPath, [pnpm, "exec", "changeset", ...args], {
      cwd: copy,
      timeoutMs: 300_000,
      // `changeset publish` calls pnpm by its name.
      env: { PATH: `${bin}${delimiter}${process.env["PATH"]}` },
    });
  await changeset("version");
  await changeset("publish", "--no-git-tag");

  const published: Published[] = [];
  for (const folder of await packageFolders(copy)) {
    const text = await readFile(join(folder, "package.json"), "utf8");
    const { name, version, private: isPrivate } = JSON.parse(text) as Published & { private?: boolean };
    if (isPrivate) continue;
    published.push({ name, version, readme: await readFile(join(folder, "README.md"), "utf8") });
  }
  return published;
}

/** Tracked files, builds, and the links between packages; what the workspace has installed is linked, not copied. */
async function copyCheckout(root: string, copy: string): Promise<void> {
  const { stdout } = await runOrThrow("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    timeoutMs: 60_000,
  });
  for (const path of stdout.split("\0").filter(Boolean)) await cp(join(root, path), join(copy, path));
  for (const folder of await packageFolders(root)) {
    for (const part of ["dist", "node_modules"]) {
      const target = join(copy, relative(root, folder), part);
      await cp(join(folder, part), target, { recursive: true, verbatimSymlinks: true }).catch(ignoreMissing);
    }
  }
  await symlink(join(root, "node_modules"), join(copy, "node_modules"), "junction");
  await writeFile(join(copy, ".gitignore"), "node_modules\ndist\n.bin\n");
}

async function packageFolders(root: string): Promise<string[]> {
  const folders: string[] = [];
  for (const parent of ["packages", "apps"]) {
    for (const name of (await readdir(join(root, parent))).toSorted()) folders.push(join(root, parent, name));
  }
  return folders;
}

async function pnpmOnPath(copy: string, pnpm: string): Promise<string> {
  const bin = join(copy, ".bin");
  await mkdir(bin, { recursive: true });
  const isWindows = process.platform === "win32";
  const text = isWindows
    ? `@"${process.execPath}" "${pnpm}" %*\r\n`
    : `#!/bin/sh\nexec "${process.execPath}" "${pnpm}" "$@"\n`;
  await writeFile(join(bin, isWindows ? "pnpm.cmd" : "pnpm"), text, { mode: 0o755 });
  return bin;
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
