// Part of `npm run check`: what is installed, built on and published is what this repository says, and nothing else.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

const ROOT = join(import.meta.dirname, "..");
/** Runtime dependencies that may run a script when they are installed: none. */
const MAY_RUN_SCRIPTS: readonly string[] = [];
/** All that a package may publish. */
const MAY_PUBLISH = [
  /^package\.json$/,
  /^(README|CHANGELOG)\.md$/,
  /^LICENSE$/,
  /^dist\/[\w./-]+\.(js|js\.map|d\.ts|wasm)$/,
  /^src\/(?!.*(\.test\.|__fixtures__|\btesting\/))[\w./-]+\.(ts|css)$/,
  /^proto\/\w+\.proto$/,
  /^weights\/[\w.-]+\.safetensors$/,
];

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const problems: string[] = [];
const published = ["packages", "apps"]
  .flatMap((folder) => readdirSync(join(ROOT, folder)).map((name) => join(ROOT, folder, name)))
  .filter((folder) => existsSync(join(folder, "package.json")) && readManifest(folder).private !== true);

checkLockfile();
const runtime = checkInstallScripts();
checkWorkflows();
const packed = checkTarballs();

for (const problem of problems) console.error(`supply chain: ${problem}`);
if (problems.length > 0) process.exit(1);
console.log(
  `${published.length} packages, ${runtime} runtime dependencies, no install script, ${packed} tarballs the same twice`,
);

/** Every package comes from the registry, with the hash of its content. */
function checkLockfile(): void {
  const lockfile = readFileSync(join(ROOT, "pnpm-lock.yaml"), "utf8");
  const packages = lockfile.slice(lockfile.indexOf("\npackages:\n"), lockfile.indexOf("\nsnapshots:\n"));
  const entries = packages.split(/\n(?= {2}\S)/).slice(1);
  if (entries.length < 100) problems.push("pnpm-lock.yaml cannot be read: its layout is not the one known here");
  for (const entry of entries) {
    const [name = ""] = entry.trim().split(":\n");
    if (!/\n {4}resolution: \{integrity: sha512-[\w+/=]{88}\}/.test(entry))
      problems.push(`pnpm-lock.yaml: ${name} has no sha512, or does not come from the registry`);
  }
}

/** No runtime dependency of a published package runs a script on the machine of whoever installs it. */
function checkInstallScripts(): number {
  const seen = new Map<string, Manifest>();
  const visit = (folder: string): void => {
    const { dependencies, optionalDependencies } = readManifest(folder);
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const found = findDependency(folder, name);
      // An optional one for another platform.
      if (found === undefined || seen.has(found)) continue;
      seen.set(found, readManifest(found));
      visit(found);
    }
  };
  for (const folder of published) visit(folder);
  for (const [folder, { name, version, scripts = {} }] of seen) {
    const hasScript = ["preinstall", "install", "postinstall"].some((script) => script in scripts);
    const runs = hasScript || existsSync(join(folder, "binding.gyp"));
    if (runs && !MAY_RUN_SCRIPTS.includes(name)) problems.push(`${name}@${version} runs a script when it is installed`);
  }
  return [...seen.values()].filter(({ name }) => !name.startsWith("@pka/")).length;
}

function findDependency(folder: string, name: string): string | undefined {
  const found = join(folder, "node_modules", name);
  if (existsSync(found)) return realpathSync(found);
  return dirname(folder) === folder ? undefined : findDependency(dirname(folder), name);
}

/** Actions are pinned by commit, and a job has no right that it does not name. */
function checkWorkflows(): void {
  const folder = join(ROOT, ".github", "workflows");
  for (const file of readdirSync(folder)) {
    const text = readFileSync(join(folder, file), "utf8");
    if (!/^permissions: \{\}$/m.test(text)) problems.push(`${file}: "permissions: {}" is missing at the top`);
    for (const [, action = ""] of text.matchAll(/^\s*(?:- )?uses:\s*(\S+)/gm)) {
      const isPinned = action.startsWith("./") || /@[0-9a-f]{40}$/.test(action);
      if (!isPinned) problems.push(`${file}: ${action} is not pinned by its commit`);
    }
  }
}

/** Tarballs hold what they may, and come out the same, byte for byte, when packed again. */
function checkTarballs(): number {
  const [first, again] = [pack(), pack()];
  for (const [name, { files, sha256 }] of first) {
    if (again.get(name)?.sha256 !== sha256) problems.push(`${name} is another tarball each time it is packed`);
    for (const file of files) {
      if (!MAY_PUBLISH.some((pattern) => pattern.test(file))) problems.push(`${name} would publish ${file}`);
    }
  }
  const missing = published.map((path) => readManifest(path).name).filter((name) => !first.has(name));
  if (missing.length > 0) problems.push(`not packed: ${missing.join(", ")}`);
  return first.size;
}

function pack(): Map<string, { readonly files: readonly string[]; readonly sha256: string }> {
  const folder = mkdtempSync(join(tmpdir(), "pka-pack-"));
  try {
    // npm sorts what it packs; pnpm, which publishes, puts the same files in the order in which the disk gave them.
    const folders = published.map((path) => `./${relative(ROOT, path).replaceAll("\\", "/")}`);
    const args = ["pack", ...folders, "--json", "--ignore-scripts", "--pack-destination", folder];
    const stdout = execFileSync("npm", args, { cwd: ROOT, encoding: "utf8", shell: process.platform === "win32" });
    const list = JSON.parse(stdout) as { name: string; filename: string; files: { path: string }[] }[];
    return new Map(
      list.map(({ name, filename, files }) => {
        const sha256 = createHash("sha256")
          .update(readFileSync(join(folder, filename)))
          .digest("hex");
        return [name, { files: files.map(({ path }) => path), sha256 }];
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}
