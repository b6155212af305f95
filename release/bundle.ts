import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, type Options } from "tsup";

/**
 * Bundle a module with all that it imports, for browsers.
 *
 * @param entry - Source text, such as `export * from "@pka/stats"`; packages are those of `resolveFrom`, from source.
 * @throws Error when it imports a built-in module of Node.
 */
export async function bundle(entry: string, resolveFrom: string, options: Options = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "pka-bundle-"));
  try {
    await writeFile(join(folder, "entry.ts"), entry);
    await build({
      config: false,
      silent: true,
      entry: [join(folder, "entry.ts")],
      outDir: join(folder, "out"),
      format: ["esm"],
      platform: "browser",
      target: "es2022",
      noExternal: [/.*/],
      minify: true,
      esbuildOptions: (esbuild) => {
        esbuild.conditions = ["@pka/source", "import"];
        esbuild.nodePaths = [join(resolveFrom, "node_modules")];
      },
      ...options,
    });
    const code = await readFile(join(folder, "out", "entry.js"), "utf8");
    const left = /\b(?:from|import) ?("[^"]+");/.exec(code);
    if (left) throw new Error(`the bundle still imports ${left[1]}`);
    return code;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
