import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { hashOf, isPrepared, prepare } from "../prepared.js";
import { interpreterOf, makeVenv, python } from "../python.js";
import { runOrThrow } from "../run.js";

/** The first release of the cookbook on PyPI, and an SDK of its time. */
const PACKAGES = ["tinker==0.6.3", "chz==0.4.0"];
/** Without what it asks for: the suite uses a few of its files. */
const COOKBOOK = "tinker_cookbook==0.1.0";

const folder = join(import.meta.dirname, "..", ".venv-cookbook");
const wanted = hashOf(...PACKAGES, COOKBOOK, process.platform, process.arch);

/** An interpreter with the cookbook, and torch from the shared environment; `null` where set-up could not make it. */
export function cookbookPython(): string | null {
  return python() !== null && isPrepared(folder, wanted) ? interpreterOf(folder) : null;
}

/** @throws Error without the shared environment, or when the packages cannot be installed. */
export async function ensureCookbook(log: (line: string) => void): Promise<void> {
  const shared = python();
  if (shared === null) throw new Error("it needs the torch of the shared environment");
  await prepare(folder, wanted, async () => {
    log("installing tinker_cookbook into an environment of its own (once; 250 MB)");
    await makeVenv(folder, PACKAGES);
    await runOrThrow(interpreterOf(folder), ["-m", "pip", "install", "--quiet", "--no-deps", COOKBOOK], {
      timeoutMs: 300_000,
    });
    const sharedPackages = await sitePackages(shared);
    writeFileSync(join(await sitePackages(interpreterOf(folder)), "shared.pth"), `${sharedPackages}\n`);
  });
}

async function sitePackages(interpreter: string): Promise<string> {
  const program = "import sysconfig; print(sysconfig.get_path('purelib'))";
  return (await runOrThrow(interpreter, ["-c", program], { timeoutMs: 30_000 })).stdout.trim();
}
