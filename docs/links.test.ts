import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "./shared-data.js";

const SKIPPED = /^(\..*|node_modules|dist|site)$/;

/** Markdown files below a folder, to two levels: documents lie no deeper. */
function documentsIn(folder: string, levels: number): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return levels > 0 && !SKIPPED.test(entry.name) ? documentsIn(path, levels - 1) : [];
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

test("every link to a file of this repository leads somewhere", () => {
  const documents = documentsIn("", 2);
  expect(documents.length).toBeGreaterThan(20);
  const broken = documents.flatMap((document) => {
    const text = readFileSync(join(ROOT, document), "utf8").replace(/^```.*?^```/gms, "");
    return [...text.matchAll(/\]\(([^()\s]+)\)/g)]
      .map(([, target]) => target!.replace(/#.*$/, ""))
      .filter((target) => target !== "" && !/^[a-z]+:/.test(target))
      .filter((target) => !existsSync(join(ROOT, dirname(document), target)))
      .map((target) => `${document}: ${target}`);
  });
  expect(broken).toEqual([]);
});
