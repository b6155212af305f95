/**
 * A release, rehearsed: every package is versioned and published to a registry on this machine, installed from it into empty
 * projects by npm, pnpm and yarn, and used as its README says. Exit code 1 when anything is not as it says.
 *
 *     npm run rehearse
 *     npm run rehearse -- stats harness    # these examples only, and no demo
 */
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../conformance/run.js";
import { inParallel } from "../packages/fault-kit/src/in-parallel.js";
import {
  compileExamples,
  install,
  type NamedExample,
  PACKAGE_MANAGERS,
  type PackageManager,
  runExample,
  type Surroundings,
  WAYS,
} from "./consumer.js";
import { publishAll } from "./publish.js";
import { readmeExample } from "./readme-example.js";
import { startRegistry } from "./registry.js";
import { installTools } from "./tools.js";

const FIRST_VERDICT = `import { extractAnswer, gradeAnswer } from "@pka/grading";
const completion = "Zola wrote it. <answer>Émile Zola</answer>";
const answer = extractAnswer(completion);
const verdict = gradeAnswer(answer, ["Zola", "Émile Zola"]);
console.log(answer, verdict);
`;

const only = process.argv.slice(2);
const began = performance.now();
const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;
const progress = (line: string): void => console.error(`${seconds(began).padStart(8)}  ${line}`);
const failures: string[] = [];
/** What was done, time until it was installed, time until it was tried. */
const table: [string, string, string][] = [];
const root = join(import.meta.dirname, "..");
const folder = await mkdtemp(join(tmpdir(), "pka-rehearsal-"));
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort(new Error("interrupted")));

const tools = await installTools(root, join(folder, "tools"));
progress("registry and package managers installed");
const registry = await startRegistry(tools.verdaccio, join(folder, "registry"));
try {
  const surroundings: Surroundings = { tools, registry, caches: join(folder, "caches") };
  const packages = await publishAll(root, join(folder, "source"), tools.pnpm, registry);
  progress(`${packages.length} packages published as ${packages[0]?.version}`);

  const examples = packages.flatMap(({ name, readme }): NamedExample[] => {
    try {
      const example = readmeExample(readme);
      if (!example && name !== "@pka/cli") throw new Error("no block of TypeScript");
      const short = name.replace("@pka/", "");
      return example && (only.length === 0 || only.includes(short)) ? [{ name: short, example }] : [];
    } catch (error) {
      failures.push(`README of ${name}: ${(error as Error).message}`);
      return [];
    }
  });

  await strangersPath();
  await inParallel(examples.length, availableParallelism(), async (n) => {
    const named = examples[n]!;
    await tryPackages(join(folder, "alone", named.name), "npm", named.example.install, [named]);
  });
  const unknown = only.filter((name) => !examples.some((named) => named.name === name));
  if (unknown.length > 0) failures.push(`no example of ${unknown.join(", ")}`);
  const names = packages.map(({ name }) => name);
  for (const manager of PACKAGE_MANAGERS) await tryPackages(join(folder, `all-${manager}`), manager, names, examples);
  if (only.length === 0) await demo();

  async function tryPackages(
    project: string,
    manager: PackageManager,
    toInstall: readonly string[],
    toTry: readonly NamedExample[],
  ): Promise<void> {
    const start = performance.now();
    const what = `${manager}, ${toTry.length === 1 ? toInstall.join(" ") : "all packages"}`;
    await attempt(what, async () => {
      await install(project, manager, toInstall, surroundings);
      const installed = seconds(start);
      const trials = toTry.flatMap((named) => WAYS.map((way) => ({ named, way })));
      await inParallel(trials.length, availableParallelism(), async (n) => {
        const { named, way } = trials[n]!;
        await attempt(`${what}: ${named.name} as ${way}`, () => runExample(project, named, way));
      });
      await attempt(`${what}: TypeScript`, () => compileExamples(project, toTry));
      table.push([what, installed, seconds(start)]);
      progress(`${what}: installed in ${installed}, tried in ${seconds(start)}`);
      return null;
    });
  }

  /** From an empty folder to the first verdict. */
  async function strangersPath(): Promise<void> {
    const project = join(folder, "stranger");
    await attempt("a stranger's path", async () => {
      const start = performance.now();
      await install(project, "npm", ["@pka/grading"], surroundings);
      const installed = seconds(start);
      await writeFile(join(project, "first.mjs"), FIRST_VERDICT);
      const { stdout } = await run(process.execPath, ["first.mjs"], { cwd: project, timeoutMs: 60_000 });
      table.push(["npm install @pka/grading → first verdict", installed, seconds(start)]);
      return stdout === "Émile Zola { exactMatch: true, recall: true }\n" ? null : `printed ${stdout}`;
    });
  }

  async function demo(): Promise<void> {
    const cwd = join(folder, "demo");
    await attempt("npx @pka/cli demo", async () => {
      const start = performance.now();
      await install(cwd, "npm", [], surroundings);
      const { code, stdout, stderr } = await run("npx", ["--yes", "@pka/cli", "demo"], {
        cwd,
        env: { npm_config_cache: join(surroundings.caches, "npm") },
        timeoutMs: 600_000,
      });
      table.push(["npx @pka/cli demo", "", seconds(start)]);
      if (code !== 0) return `exit ${code}: ${stderr.slice(-1000)}`;
      if (!stdout.includes("RL with thinking: after − before")) return `printed ${stdout}`;
      return existsSync(join(cwd, "results", "report.html")) ? null : "no report";
    });
  }
} finally {
  await registry.close();
  await rm(folder, { recursive: true, force: true });
}

for (const [what, installed, tried] of [["", "installed", "tried"], ...table]) {
  console.log(`${what!.padEnd(60)}${installed!.padStart(10)}${tried!.padStart(10)}`);
}
console.log(`${failures.length === 0 ? "all as the READMEs say" : `${failures.length} failures`}, ${seconds(began)}`);
for (const failure of failures) console.log(`\n✗ ${failure}`);
process.exitCode = failures.length === 0 ? 0 : 1;

/** Do something that answers what is wrong, or `null`. */
async function attempt(what: string, work: () => Promise<string | null>): Promise<void> {
  stop.signal.throwIfAborted();
  const trouble = await work().catch((error: Error) => error.message);
  if (trouble !== null) failures.push(`${what}: ${trouble}`);
}
