import { readFile, writeFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { runOrThrow } from "../conformance/run.js";

/** The programs of the rehearsal, as `[node, script]` command prefixes. */
export interface Tools {
  readonly verdaccio: string;
  readonly pnpm: string;
  readonly yarn: string;
}

// Not in the workspace: 330 packages that nobody needs who does not rehearse.
const VERDACCIO = "6.8.0";
const YARN = "4.9.2";

/** Install the registry and the package managers into `folder`, from the registry that npm is configured for. */
export async function installTools(root: string, folder: string): Promise<Tools> {
  const { packageManager } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
    packageManager: string;
  };
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, "package.json"),
    JSON.stringify({
      private: true,
      dependencies: {
        verdaccio: VERDACCIO,
        pnpm: packageManager.replace("pnpm@", ""),
        "@yarnpkg/cli-dist": YARN,
      },
      // Verdaccio asks for it by a tag, which not every mirror carries.
      overrides: { "node-fetch": "2.7.0" },
    }),
  );
  await runOrThrow("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts"], {
    cwd: folder,
    timeoutMs: 300_000,
  });
  const script = (...path: string[]): string => join(folder, "node_modules", ...path);
  return {
    verdaccio: script("verdaccio", "bin", "verdaccio"),
    pnpm: script("pnpm", "bin", "pnpm.cjs"),
    yarn: script("@yarnpkg", "cli-dist", "bin", "yarn.js"),
  };
}
