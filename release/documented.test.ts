import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const PACKAGES = join(import.meta.dirname, "..", "packages");
const NAMES = readdirSync(PACKAGES)
  .filter((name) => JSON.parse(readFileSync(join(PACKAGES, name, "package.json"), "utf8")).private !== true)
  .toSorted();

/** Entry points by the specifier that a user writes, such as `@pka/grading/math-verify`. */
function entryPoints(name: string): Record<string, string> {
  const { exports } = JSON.parse(readFileSync(join(PACKAGES, name, "package.json"), "utf8")) as {
    exports: Record<string, { readonly "@pka/source"?: string }>;
  };
  return Object.fromEntries(
    Object.entries(exports).flatMap(([path, { "@pka/source": source }]) =>
      source === undefined ? [] : [[path.replace(".", `@pka/${name}`), join(PACKAGES, name, source)]],
    ),
  );
}

const files = Object.fromEntries(NAMES.map((name) => [name, Object.values(entryPoints(name))]));
const program = ts.createProgram(Object.values(files).flat(), {
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  customConditions: ["@pka/source"],
  skipLibCheck: true,
  noLib: true,
  types: [],
});
const checker = program.getTypeChecker();

/** What an entry point exports, behind all re-exports. */
function exported(file: string): { readonly name: string; readonly symbol: ts.Symbol }[] {
  const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!;
  return checker.getExportsOfModule(module).map((symbol) => ({
    name: symbol.name,
    symbol: symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
  }));
}

/** By a comment or a tag such as `@throws`; a type that zod infers, by that of its schema. */
function isDocumented(symbol: ts.Symbol): boolean {
  if (symbol.getDocumentationComment(checker).length + symbol.getJsDocTags(checker).length > 0) return true;
  const schema = /= z\.infer<typeof (\w+)>;$/.exec(symbol.declarations?.[0]?.getText() ?? "")?.[1];
  if (schema === undefined) return false;
  const [declaration] = checker
    .getSymbolsInScope(symbol.declarations![0]!, ts.SymbolFlags.Value)
    .filter(({ name }) => name === schema);
  return declaration !== undefined && isDocumented(declaration);
}

describe.each(NAMES)("%s", (name) => {
  const readme = readFileSync(join(PACKAGES, name, "README.md"), "utf8");

  test("every export has a documentation comment", () => {
    const bare = files[name]!.flatMap(exported).filter(({ symbol }) => !isDocumented(symbol));
    expect(bare.map((entry) => entry.name)).toEqual([]);
  });

  test("the README names every export of the package", () => {
    const missing = exported(files[name]![0]!).filter((entry) => !new RegExp(`\\b${entry.name}\\b`).test(readme));
    expect(missing.map((entry) => entry.name)).toEqual([]);
  });

  test("the README has what every README has", () => {
    const headings = [...readme.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    for (const heading of ["Install", "Use", "API", "Errors"]) expect(headings).toContain(heading);
    expect(headings.some((heading) => /^Differences from the (paper's code|official SDK)$/.test(heading!))).toBe(true);
  });
});
