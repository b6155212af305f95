import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createReport } from "@pka/report";
import type { Result } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HAS_CHROMIUM, launchBrowser, openAnswers, openReport, SKIPPED } from "./browser.js";
import { pka } from "../pka.js";
import { HOSTILE_TEXTS, hostileResults } from "./hostile-texts.js";

const folder = mkdtempSync(join(tmpdir(), "pka-report-browser-"));
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const HOSTILE_NAME = "nq_<img src=x onerror=alert(1)>_no_cues";

async function report(name: string, files: Readonly<Record<string, object>>): Promise<string> {
  const results = join(folder, name);
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(results, file)), { recursive: true });
    writeFileSync(join(results, file), JSON.stringify(content));
  }
  const { text } = await createReport({ folder: results, title: HOSTILE_TEXTS[0]! });
  writeFileSync(`${results}.html`, text);
  return `${results}.html`;
}

/** 2,500 questions: rows in three parts. The run with thinking is right on even rows, the other on every third. */
function plainResults(thinking: boolean): object {
  return {
    results: Array.from({ length: 2500 }, (_, i) => {
      const isRight = thinking ? i % 2 === 0 : i % 3 === 0;
      const text = `<answer>${isRight ? "gold" : "lead"} ${i}</answer>`;
      return {
        question: `question ${i}`,
        ground_truth: ["gold"],
        raw_prediction: thinking
          ? `<|channel|>analysis<|message|>${`thought ${i} `.repeat(i === 7 ? 800 : 5)}<|end|><|start|>assistant<|channel|>final<|message|>${text}`
          : `<|channel|>final<|message|>${text}`,
        extracted_prediction: `${isRight ? "gold" : "lead"} ${i}`,
        num_tokens: i,
        exact_match: false,
        recall: isRight,
      };
    }),
    errors: [{ question: "question 9999", error: "the server went away" }],
  };
}

const PLAIN = {
  "nq_gptoss20b_no_cues_with_thinking.json": plainResults(true),
  "nq_gptoss20b_no_cues_no_thinking.json": plainResults(false),
};

describe.skipIf(!HAS_CHROMIUM)(`a report in Chromium${SKIPPED}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("hostile texts stay texts: nothing runs, nothing is asked for, every answer can be read", async () => {
    const path = await report("hostile", {
      "nq_r1qwen_no_cues_with_thinking.json": hostileResults(0),
      "nq_r1qwen_no_cues_no_thinking.json": hostileResults(1),
      [`${HOSTILE_NAME}.json`]: hostileResults(2),
      "broken_<b>.json": { results: "</script><script>alert(1)</script>" },
    });
    const { page, requests, trouble } = await openReport(browser, path);
    await openAnswers(page);
    expect(await page.locator("h1").textContent()).toBe(HOSTILE_TEXTS[0]);
    const runs = await page.locator("#filter-run option").count();
    expect(runs).toBe(3);
    for (let run = 0; run < runs; run++) {
      await page.locator("#filter-run").selectOption({ index: run });
      await page.locator("#filter-other").selectOption({ index: 1 });
      await status(page, `${2 * HOSTILE_TEXTS.length} of ${2 * HOSTILE_TEXTS.length} answers`);
      await page.locator("#list").focus();
      for (let row = 0; row < 2 * HOSTILE_TEXTS.length; row++) {
        await page.locator(".place span", { hasText: `${row + 1} of` }).waitFor();
        if (row === 0) expect(await page.locator("#detail-question").textContent()).toMatch(/^0 /);
        await page.keyboard.press("ArrowDown");
      }
    }
    const foreign =
      "script:not([type]), iframe, img, link:not([rel=icon]), base, meta[http-equiv=refresh], object, embed";
    expect(await page.locator(foreign).count()).toBe(1); // the page's own script
    expect(await page.evaluate(`"pwned" in window || "polluted" in {}`)).toBe(false);
    expect(requests).toEqual([]);
    expect(trouble).toEqual([]);
    await page.close();
  });

  test("filters, flips and search find the rows that they name", async () => {
    const { page, requests, trouble } = await openReport(browser, await report("plain", PLAIN));
    await openAnswers(page);
    await status(page, "2,501 of 2,501 answers");
    await page.locator("#filter-run").selectOption({ label: "gpt-oss-20b, no cues, thinking (2,501)" });
    await page.locator("#filter-other").selectOption({ label: "gpt-oss-20b, no cues, no thinking" });
    // Even and no multiple of three: 1,250 even numbers below 2,500 less 417 multiples of six.
    await page.locator("#filter-verdict").selectOption("right-wrong");
    await status(page, "833 of 2,501 answers");
    expect(await page.locator("#detail-question").textContent()).toBe("question 2");
    expect(await page.locator(".run-detail").count()).toBe(2);
    await page.locator("#filter-verdict").selectOption("wrong-right");
    await status(page, "417 of 2,501 answers");
    await page.locator("#filter-verdict").selectOption("any");
    await page.locator("#filter-outcome").selectOption({ label: "error" });
    await status(page, "1 of 2,501 answers");
    await page.locator("#detail", { hasText: "the server went away" }).waitFor();
    await page.locator("#filter-outcome").selectOption({ label: "any" });
    await page.locator("#filter-text").fill("THOUGHT 2345");
    await status(page, "1 of 2,501 answers");
    expect(await page.locator("#detail-question").textContent()).toBe("question 2345");
    await page.locator("#filter-text").fill("no such text");
    await status(page, "0 of 2,501 answers");
    expect(requests).toEqual([]);
    expect(trouble).toEqual([]);
    await page.close();
  });

  test("the keyboard is enough: list, answer, back; only rows in view exist; cut texts say so", async () => {
    const { page } = await openReport(browser, await report("keyboard", PLAIN));
    await openAnswers(page);
    await page.locator("#filter-run").selectOption({ label: "gpt-oss-20b, no cues, thinking (2,501)" });
    await status(page, "2,501 of 2,501 answers");
    await page.locator("#filter-text").focus();
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("list");
    await page.keyboard.press("End");
    await page.locator("#detail-question", { hasText: "question 9999" }).waitFor();
    expect(await page.locator("#list").getAttribute("aria-activedescendant")).toBe("answer-2500");
    expect(await page.locator("#answer-2500").getAttribute("aria-selected")).toBe("true");
    expect(await page.locator("[role=option]").count()).toBeLessThan(60);
    await page.keyboard.press("Home");
    for (let i = 0; i < 7; i++) await page.keyboard.press("ArrowDown");
    await page.locator("#detail-question", { hasText: /^question 7$/ }).waitFor();
    expect(await page.locator(".cut").textContent()).toContain("cut at 4,000 of 8,000 characters");
    await page.keyboard.press("Enter");
    expect(await focused(page)).toBe("detail-question");
    await page.keyboard.press("Escape");
    expect(await focused(page)).toBe("list");
    await page.close();
  });

  test("the theme follows the system and the button", async () => {
    const { page } = await openReport(browser, await report("theme", PLAIN), { dark: true });
    const lightness = () =>
      page.evaluate<number>(`Number(/\\d+/.exec(getComputedStyle(document.body).backgroundColor)[0])`);
    expect(await lightness()).toBeLessThan(60);
    await page.locator("#theme").click();
    expect(await lightness()).toBeGreaterThan(200);
    await page.locator("#theme").click();
    expect(await lightness()).toBeLessThan(60);
    await page.close();
  });

  test.each([
    { width: 1280, dark: false },
    { width: 1280, dark: true },
    { width: 400, dark: false },
  ])("axe finds nothing serious at $width px, dark: $dark; the page itself does not scroll sideways", async (look) => {
    const { page } = await openReport(browser, await report("axe", PLAIN), look);
    await openAnswers(page);
    await page.locator("#filter-other").selectOption({ index: 1 });
    await status(page, "2,501 of 2,501 answers");
    expect(await seriousViolations(page)).toEqual([]);
    expect(await page.evaluate(`document.documentElement.scrollWidth`)).toBeLessThanOrEqual(look.width);
    await page.close();
  });

  test("a training run: curves, changes and metrics are drawn, told in tables, and nothing else happens", async () => {
    const run = join(folder, "training", "run");
    const command =
      "train rl --engine --max-steps 4 --groups-per-batch 4 --group-size 4 --eval-limit 40 --eval-every 2";
    const evaluated = "--eval-datasets smallworld --final-eval --compute-post-kl --log-path".split(" ");
    expect(await pka([...command.split(" "), ...evaluated, run], { timeoutMs: 100_000 })).toMatchObject({ code: 0 });
    const path = join(folder, "training.html");
    writeFileSync(path, (await createReport({ folder: run })).text);
    for (const look of [{ width: 1280 }, { width: 1280, dark: true }, { width: 400 }]) {
      const { page, requests, trouble } = await openReport(browser, path, look);
      await openAnswers(page);
      await status(page, "40 of 40 answers");
      expect(await page.locator("#training figcaption").allTextContents()).toEqual([
        expect.stringMatching(/Small world\s+no cues, thinking/),
        expect.stringMatching(/Metrics of the\s+run/),
      ]);
      // Recall, exact match, and their changes; steps 0, 2 and 4, and the last two against the first.
      expect(await page.locator("#training figure:first-of-type .dot").count()).toBe(10);
      expect(await page.locator("#training figure:first-of-type .band").count()).toBe(4);
      expect(await page.locator("#training figure:last-of-type .line-chart").count()).toBe(8);
      expect(await seriousViolations(page)).toEqual([]);
      expect(await page.locator("#training table.curve tbody tr:not(.group) th").allTextContents()).toEqual(
        ["0", "2", "4", "0", "2", "4"].map((step) => expect.stringContaining(step) as string),
      );
      expect(await page.evaluate(`document.documentElement.scrollWidth`)).toBeLessThanOrEqual(look.width);
      expect([requests, trouble]).toEqual([[], []]);
      await page.close();
    }
  });

  test("8 conditions of 18,000 rows: below 25 MB, and painted before the answers are read", async () => {
    const { writeResults } = await import("../../bench/report-results.js");
    writeResults(folder, 18_000);
    const start = performance.now();
    const { text, maxChars } = await createReport({ folder: join(folder, "results") });
    const seconds = (performance.now() - start) / 1000;
    const path = join(folder, "large.html");
    writeFileSync(path, text);
    const { size } = statSync(path);
    expect(size).toBeLessThan(25e6);
    const { page, requests, trouble } = await openReport(browser, path);
    const paint = await page.evaluate(
      () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
    );
    const before = performance.now();
    await openAnswers(page);
    const opened = performance.now() - before;
    await page.locator("#filter-text").fill("no such text anywhere");
    await status(page, "0 of 18,000 answers");
    expect(requests).toEqual([]);
    expect(trouble).toEqual([]);
    console.log(
      `${(size / 1e6).toFixed(1)} MB, built in ${seconds.toFixed(1)} s, texts cut at ${maxChars}, first paint ${Math.round(paint)} ms, first answer ${Math.round(opened)} ms`,
    );
    await page.close();
  }, 600_000);
});

async function status(page: Page, text: string): Promise<void> {
  await page.locator("#status", { hasText: new RegExp(`^${text}$`) }).waitFor();
}

/** With everything unfolded. */
async function seriousViolations(page: Page): Promise<string[]> {
  for (const details of await page.locator("details").all())
    await details.evaluate((node) => node.setAttribute("open", ""));
  // Evaluated by the debugger, which the page's policy does not bind.
  await page.evaluate(AXE);
  const violations = await page.evaluate<Result[]>(`axe.run().then((results) => results.violations)`);
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
}

function focused(page: Page): Promise<string> {
  return page.evaluate<string>(`document.activeElement.id`);
}
