import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";

const EXECUTABLE = process.env["PKA_CHROMIUM"] ?? "/usr/bin/chromium";
export const HAS_CHROMIUM = existsSync(EXECUTABLE);
export const SKIPPED = HAS_CHROMIUM ? "" : ` (skipped: no ${EXECUTABLE}; PKA_CHROMIUM names another)`;

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });
}

/** A page and all that it does which a report must not do. */
export interface Watched {
  readonly page: Page;
  /** Every request but the one for the file itself. */
  readonly requests: string[];
  /** Errors, dialogs, messages of the console, violations of the policy. */
  readonly trouble: string[];
}

export async function openReport(
  browser: Browser,
  path: string,
  options: { readonly width?: number; readonly dark?: boolean } = {},
): Promise<Watched> {
  const { width = 1280, dark = false } = options;
  const page = await browser.newPage({
    viewport: { width, height: 900 },
    colorScheme: dark ? "dark" : "light",
  });
  const url = `file://${path}`;
  const requests: string[] = [];
  const trouble: string[] = [];
  page.on("request", (request) => {
    if (request.url() !== url) requests.push(request.url());
  });
  page.on("console", (message) => trouble.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => trouble.push(`error: ${error.message}`));
  page.on("popup", () => trouble.push("popup"));
  page.on("dialog", (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(url);
  return { page, requests, trouble };
}

/** Scroll to the answers and wait until the first of them is there. */
export async function openAnswers(page: Page): Promise<void> {
  await page.locator("#answers").scrollIntoViewIfNeeded();
  await page.locator("#detail-question").waitFor();
}
