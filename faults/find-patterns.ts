import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const NOT_SHIPPED = new Set(["__fixtures__", "node_modules", "testing"]);

export interface Pattern {
  /** `packages/core/src/redact.ts:37`. */
  readonly where: string;
  readonly source: string;
  readonly flags: string;
}

/** A `RegExp` that is put together, so that only running its module tells what it is. */
export interface BuiltPatterns {
  readonly file: string;
  /** Calls of `RegExp` in it. */
  readonly calls: number;
}

/** Every regular expression in the sources that are published: `packages/*` and `apps/cli`, without tests. */
export function findPatterns(): { readonly literals: readonly Pattern[]; readonly built: readonly BuiltPatterns[] } {
  const literals: Pattern[] = [];
  const built: BuiltPatterns[] = [];
  const folders = readdirSync(join(ROOT, "packages"))
    .filter((name) => name !== "fault-kit")
    .map((name) => join(ROOT, "packages", name, "src"));
  for (const path of [...folders, join(ROOT, "apps/cli/src")].flatMap(sourcesUnder)) {
    const file = relative(ROOT, path).replaceAll("\\", "/");
    const source = ts.createSourceFile(file, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
    let calls = 0;
    const visit = (node: ts.Node): void => {
      if (ts.isRegularExpressionLiteral(node)) {
        const slash = node.text.lastIndexOf("/");
        const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
        literals.push({
          where: `${file}:${line}`,
          source: node.text.slice(1, slash),
          flags: node.text.slice(slash + 1),
        });
      } else if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === "RegExp") {
        calls += 1;
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
    if (calls > 0) built.push({ file, calls });
  }
  return { literals, built };
}

function sourcesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_SHIPPED.has(entry.name) ? [] : sourcesUnder(path);
    return entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts") ? [path] : [];
  });
}
