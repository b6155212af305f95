import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundle } from "../../release/bundle.js";

const CHROMIUM = process.env["PKA_CHROMIUM"] ?? "/usr/bin/chromium";
const hasChromium = existsSync(CHROMIUM);
const skipped = hasChromium ? "" : ` (skipped: no ${CHROMIUM}; PKA_CHROMIUM names another browser)`;

let folder: string;
let browser: Browser | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pka-compare-"));
  if (hasChromium)
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

test.skipIf(!hasChromium)(`two result files are compared in the browser${skipped}`, { timeout: 120_000 }, async () => {
  const script = await bundle(
    `import ${JSON.stringify(join(import.meta.dirname, "compare.ts"))};`,
    join(import.meta.dirname, ".."),
  );
  const html = await readFile(join(import.meta.dirname, "index.html"), "utf8");
  const results = (right: number): string =>
    JSON.stringify({ results: Array.from({ length: 40 }, (_, i) => ({ question: `q${i}`, recall: i < right })) });
  const [first, second, other] = ["first.json", "second.json", "other.json"].map((name) => join(folder, name));
  await writeFile(first!, results(30));
  await writeFile(second!, results(20));
  await writeFile(other!, "[]");

  const page = await browser!.newPage();
  const requests: string[] = [];
  await page.route("**", async (route) => {
    const { pathname } = new URL(route.request().url());
    requests.push(pathname);
    const isScript = pathname.endsWith(".js");
    await route.fulfill({ contentType: isScript ? "text/javascript" : "text/html", body: isScript ? script : html });
  });
  await page.goto("http://page.test/index.html");
  await page.setInputFiles("#first", first!);
  await page.setInputFiles("#second", second!);
  const verdict = page.locator("output");
  // By hand: 10 discordant pairs of 40, all one way: 25 points, p = 2 · 2⁻¹⁰.
  await expect
    .poll(() => verdict.textContent())
    .toMatch(/^40 pairs\. First − second: 25\.0 points \[.*\], p = 0\.0020$/);
  await page.setInputFiles("#second", other!);
  await expect
    .poll(() => verdict.textContent())
    .toBe("other.json is not a result file of questions with short answers");
  expect(requests).toEqual(["/index.html", "/compare.js"]);
});
