import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";

/** The packages that must run where there is no Node. */
const PURE = ["grading", "stats", "thinking-tokens"];
const CHROMIUM = process.env["PKA_CHROMIUM"] ?? "/usr/bin/chromium";
const root = join(import.meta.dirname, "..");

/** Their tests but those that read files themselves: golden vectors and the paper's results. */
const tests = PURE.flatMap((name) => {
  const source = join(root, "packages", name, "src");
  return readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".test.ts"))
    .map((path) => join(source, path))
    .filter((path) => !/from "node:|fault-kit\/shared-data/.test(readFileSync(path, "utf8")));
});
const hasChromium = existsSync(CHROMIUM);
if (!hasChromium) console.log(`skipped: no ${CHROMIUM}; PKA_CHROMIUM names another browser`);

/** `npm run test:browser`: tests of the pure packages in Chromium. */
export default defineConfig({
  root,
  resolve: { conditions: ["@pka/source", "browser"] },
  optimizeDeps: { include: ["fast-check"] },
  test: {
    include: hasChromium ? tests : [],
    passWithNoTests: !hasChromium,
    restoreMocks: true,
    testTimeout: 120_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] } }),
      instances: [{ browser: "chromium" }],
    },
  },
});
