import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { csvCell } from "./csv.js";

const SIGNS = ["=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"];
const BEFORE = ["", " ", "  ", "\u00a0", '"', "'", '" ', "\t", "\r", "\n", "\r\n"];
const FORMULAS = [
  ...SIGNS.flatMap((sign) => BEFORE.map((before) => `${before}${sign}1+1`)),
  '=HYPERLINK("http://x";"y")',
  "=cmd|' /C calc'!A0",
  "@SUM(1+1)",
  "-ase",
  "- **bold**",
  "\ttext",
  "\rtext",
];
const PLAIN = ["Paris", "a=b", "1-2", "3.5", "it's", 'say "x"', "a,b", "two\nlines", "", "名前"];
const NUMBERS = [-1, -0.25, 0, 12, -1e-7, 1e21];

/** Cells of RFC 4180, read by the rule and not by our code. */
function valueOf(cell: string): string {
  return cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
}

test.each(FORMULAS)("%j gets an apostrophe in front and keeps the rest", (text) => {
  expect(valueOf(csvCell(text))).toBe(`'${text}`);
});

test.each(PLAIN)("%j stays as it is", (text) => {
  expect(valueOf(csvCell(text))).toBe(text);
});

test.each(NUMBERS)("the number %d stays a number", (value) => {
  expect(Number(csvCell(value))).toBe(value);
});

const HAS_LIBREOFFICE = hasLibreOffice();

test.skipIf(!HAS_LIBREOFFICE)(
  `LibreOffice computes none of them${HAS_LIBREOFFICE ? "" : " (skipped: no soffice here)"}`,
  { timeout: 120_000 },
  () => {
    const folder = temporaryFolder();
    // Line breaks in cells stand in the way of reading its answer line by line.
    const texts = [...FORMULAS, ...PLAIN].filter((text) => !/[\r\n]/.test(text));
    writeFileSync(
      join(folder, "cells.csv"),
      `control,=1+1\r\n${texts.map((text, i) => `${i},${csvCell(text)}\r\n`).join("")}`,
    );
    const start = ["--headless", `-env:UserInstallation=file://${folder}/profile`, "--infilter=CSV:44,34,76,1"];
    const output = join(folder, "reopened");
    // 76 = UTF-8; formulas are evaluated where there are any, and the file that is written has values only.
    const format = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false";
    execFileSync("soffice", [...start, "--convert-to", format, "--outdir", output, join(folder, "cells.csv")]);
    const [control, ...lines] = readFileSync(join(output, "cells.csv"), "utf8").trim().split("\n");
    expect(control).toBe("control,2");
    const read = lines.map((line) => valueOf(line.slice(line.indexOf(",") + 1)));
    expect(read).toEqual(texts.map((text) => valueOf(csvCell(text))));
  },
);

function hasLibreOffice(): boolean {
  try {
    execFileSync("soffice", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
