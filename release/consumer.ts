import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import ts from "typescript";
import { run, runOrThrow } from "../conformance/run.js";
import { asCommonJs, type ReadmeExample } from "./readme-example.js";
import type { Registry } from "./registry.js";
import type { Tools } from "./tools.js";

export const PACKAGE_MANAGERS = ["npm", "pnpm", "yarn"] as const;
export type PackageManager = (typeof PACKAGE_MANAGERS)[number];

/** What installing needs. */
export interface Surroundings {
  readonly tools: Tools;
  readonly registry: Registry;
  /** Folder of the caches: nothing of another rehearsal may come out of one. */
  readonly caches: string;
}

/** Make an empty project in `folder` and install the newest versions of `packages` from the registry. */
export async function install(
  folder: string,
  manager: PackageManager,
  packages: readonly string[],
  { tools, registry, caches }: Surroundings,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), `${JSON.stringify({ name: "stranger", private: true })}\n`);
  await writeFile(join(folder, ".npmrc"), registry.npmrc);
  const env = { npm_config_cache: join(caches, "npm") };
  const timeoutMs = 600_000;
  switch (manager) {
    case "npm":
      await runOrThrow("npm", ["install", "--no-audit", "--no-fund", ...packages], { cwd: folder, env, timeoutMs });
      break;
    case "pnpm": {
      const options = [`--store-dir=${join(caches, "pnpm")}`, `--config.cache-dir=${join(caches, "pnpm-cache")}`];
      await runOrThrow(process.execPath, [tools.pnpm, "add", ...options, ...packages], { cwd: folder, env, timeoutMs });
      break;
    }
    case "yarn": {
      const others = await runOrThrow("npm", ["config", "get", "registry"], { timeoutMs });
      const settings = {
        npmRegistryServer: others.stdout.trim(),
        npmScopes: { pka: { npmRegistryServer: registry.url } },
        unsafeHttpWhitelist: ["localhost"],
        nodeLinker: "node-modules",
        enableGlobalCache: false,
        cacheFolder: join(caches, "yarn"),
        globalFolder: join(caches, "yarn-global"),
        enableTelemetry: false,
        enableImmutableInstalls: false, // what it would otherwise do where CI is set
      };
      await writeFile(join(folder, ".yarnrc.yml"), JSON.stringify(settings));
      await writeFile(join(folder, "yarn.lock"), ""); // the project ends here, whatever lies above it
      await runOrThrow(process.execPath, [tools.yarn, "add", ...packages], { cwd: folder, env, timeoutMs });
    }
  }
}

/** How an example is run. */
export const WAYS = ["ESM", "CommonJS"] as const;
export type Way = (typeof WAYS)[number];

/** An example and the name of its package without the scope. */
export interface NamedExample {
  readonly name: string;
  readonly example: ReadmeExample;
}

/**
 * Run a README's example in a folder of its own.
 *
 * @returns `null` when it printed what the README says, else what it did instead.
 */
export async function runExample(project: string, { name, example }: NamedExample, way: Way): Promise<string | null> {
  const folder = join(project, `${name}-${way.toLowerCase()}`);
  await mkdir(folder);
  const { outputText } = ts.transpileModule(example.code, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 },
  });
  const file = way === "ESM" ? "example.mjs" : "example.cjs";
  await writeFile(join(folder, file), way === "ESM" ? outputText : asCommonJs(outputText));
  const { code, stdout, stderr } = await run(process.execPath, [file], { cwd: folder, timeoutMs: 300_000 });
  if (code !== 0) return `exit ${code}: ${stderr.slice(-1000)}`;
  if (stderr !== "") return `it complains: ${stderr.slice(-1000)}`;
  return stdout === example.output ? null : `it prints\n${stdout}\nand not\n${example.output}`;
}

/**
 * Compile examples as strictly as TypeScript can, the packages' own types included.
 *
 * @returns `null` without an error, else the compiler's messages.
 */
export async function compileExamples(project: string, examples: readonly NamedExample[]): Promise<string | null> {
  const files = examples.map(({ name }) => `${name}.mts`);
  for (const { name, example } of examples) await writeFile(join(project, `${name}.mts`), example.code);
  const modules = join(import.meta.dirname, "..", "node_modules");
  const compilerOptions = {
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
    target: "es2022",
    lib: ["es2023"],
    module: "nodenext",
    typeRoots: [join(modules, "@types")],
    types: ["node"],
  };
  await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  const tsc = join(modules, "typescript", "bin", "tsc");
  const { code, stdout } = await run(process.execPath, [tsc, "-p", project], { timeoutMs: 600_000 });
  return code === 0 ? null : stdout.slice(0, 3000);
}
