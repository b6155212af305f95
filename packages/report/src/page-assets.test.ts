import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { buildPage, PAGE_ASSETS } from "../scripts/build-page.js";

test("the page's script and style are those of src/page: run npm run build:page after a change", async () => {
  const isCurrent = readFileSync(PAGE_ASSETS, "utf8") === (await buildPage());
  expect(isCurrent).toBe(true);
});
