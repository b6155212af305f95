import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { exists } from "./exists.js";
import { writeWhole } from "./write-whole.js";

test("a file is written or replaced, and nothing else is left", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pka-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "a.json");
  expect(await exists(path)).toBe(false);
  for (const content of ["first", Buffer.from("second")]) {
    await writeWhole(path, content);
    expect(readFileSync(path, "utf8")).toBe(String(content));
  }
  expect(readdirSync(folder)).toEqual(["a.json"]);

  // A folder cannot be replaced by a file.
  await expect(writeWhole(folder, "x")).rejects.toThrow();
  expect(await exists(folder)).toBe(true);
  expect(readdirSync(join(folder, "..")).filter((name) => name.startsWith(`${basename(folder)}.`))).toEqual([]);
});
