import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hashOf, isPrepared, prepare } from "./prepared.js";
import { run, runOrThrow } from "./run.js";

const here = import.meta.dirname;
const folder = join(here, ".venv");
const requirements = join(here, "requirements.txt");
const withoutDependencies = join(here, "requirements-no-deps.txt");
const isWindows = process.platform === "win32";

const wanted = (): string => {
  const files = [requirements, withoutDependencies].map((file) => readFileSync(file, "utf8"));
  return hashOf(...files, process.platform, process.arch);
};

/**
 * The interpreter of `.venv`, which has the packages of requirements.txt; `null` where set-up could not make it.
 * A suite that needs it is then skipped: `describe.skipIf(python() === null)(…)`.
 */
export function python(): string | null {
  return isPrepared(folder, wanted()) ? interpreterOf(folder) : null;
}

/** More threads only wait for each other in a model as small as ours. */
export const ONE_THREAD = { OMP_NUM_THREADS: "1" };

/** A program that one of the packages installed, such as `transformers`. */
export function pythonProgram(name: string): string {
  return isWindows ? join(folder, "Scripts", `${name}.exe`) : join(folder, "bin", name);
}

/** @throws Error when there is no Python ≥ 3.10, or its packages cannot be installed. */
export async function ensurePython(log: (line: string) => void): Promise<void> {
  await prepare(folder, wanted(), async () => {
    log("installing the Python packages of requirements.txt into .venv (once; minutes, gigabytes)");
    await makeVenv(folder, ["--requirement", requirements]);
    await pipInstall(folder, ["--no-deps", "--requirement", withoutDependencies]);
  });
}

/** Make a virtual environment with packages. @throws Error as above. */
export async function makeVenv(venv: string, packages: readonly string[]): Promise<void> {
  const system = isWindows ? "python" : "python3";
  const version = await run(system, ["-c", "import sys; assert sys.version_info >= (3, 10)"], { timeoutMs: 30_000 });
  if (version.code !== 0) throw new Error(`${system} is older than 3.10`);
  await runOrThrow(system, ["-m", "venv", venv], { timeoutMs: 120_000 });
  await pipInstall(venv, packages);
}

async function pipInstall(venv: string, packages: readonly string[]): Promise<void> {
  // Without --retries 1, every package is tried five times where there is no network.
  const flags = ["--quiet", "--no-compile", "--disable-pip-version-check", "--retries", "1"];
  await runOrThrow(interpreterOf(venv), ["-m", "pip", "install", ...flags, ...packages], { timeoutMs: 1_200_000 });
}

export function interpreterOf(venv: string): string {
  return isWindows ? join(venv, "Scripts", "python.exe") : join(venv, "bin", "python");
}
