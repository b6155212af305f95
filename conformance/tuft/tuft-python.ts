import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hashOf, isPrepared, prepare } from "../prepared.js";
import { interpreterOf, makeVenv, python } from "../python.js";
import { runOrThrow } from "../run.js";

const folder = join(import.meta.dirname, "..", ".venv-tuft");
const requirements = join(import.meta.dirname, "requirements.txt");

/** An interpreter with `tuft`; `null` where set-up could not make it. */
export function tuftPython(): string | null {
  const shared = python();
  return shared !== null && isPrepared(folder, wanted(shared)) ? interpreterOf(folder) : null;
}

/** @throws Error without the shared environment, or when a package cannot be installed. */
export async function ensureTuft(log: (line: string) => void): Promise<void> {
  const shared = python();
  if (shared === null) throw new Error("it takes torch from the Python environment");
  await prepare(folder, wanted(shared), async () => {
    log("installing TuFT into an environment of its own (once; 100 MB)");
    await makeVenv(folder, ["--no-deps", "--requirement", requirements]);
    // Behind its own packages, those of the shared environment: torch alone takes 5 GB.
    const link = join(await sitePackagesOf(interpreterOf(folder)), "shared.pth");
    writeFileSync(link, `${await sitePackagesOf(shared)}\n`);
    await runOrThrow(interpreterOf(folder), ["-c", "import tuft.server, tuft.cli"], { timeoutMs: 150_000 });
  });
}

const wanted = (shared: string): string =>
  hashOf(readFileSync(requirements, "utf8"), shared, process.platform, process.arch);

async function sitePackagesOf(interpreter: string): Promise<string> {
  const code = "import sysconfig; print(sysconfig.get_path('purelib'))";
  return (await runOrThrow(interpreter, ["-c", code], { timeoutMs: 30_000 })).stdout.trim();
}
