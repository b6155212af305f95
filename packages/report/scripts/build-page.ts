import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "tsup";

/** Where {@link buildPage}'s result is kept, so that the package needs no build to run from source. */
export const PAGE_ASSETS = fileURLToPath(new URL("../src/page-assets.generated.ts", import.meta.url));

/** `src/page` as the text of a module: the script bundled for browsers, and the style sheet. */
export async function buildPage(): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), "pka-page-"));
  try {
    await build({
      entry: { page: fileURLToPath(new URL("../src/page/main.ts", import.meta.url)) },
      config: false,
      format: ["iife"],
      platform: "browser",
      target: "es2022",
      minify: true,
      silent: true,
      outDir,
    });
    // In an inline script `</script` and `<!--` would end or bend it; the code holds neither, and must not begin to.
    const script = (await readFile(join(outDir, "page.global.js"), "utf8")).trim();
    if (/<\/script|<!--/i.test(script)) throw new Error("the page's script must not contain </script or <!--");
    const style = await readFile(new URL("../src/page/page.css", import.meta.url), "utf8");
    return [
      "// Made by `npm run build:page` from src/page. Do not edit.",
      `export const PAGE_SCRIPT = ${JSON.stringify(script)};`,
      `export const PAGE_STYLE = ${JSON.stringify(compact(style))};`,
      "",
    ].join("\n");
  } finally {
    await rm(outDir, { recursive: true, force: true });
  }
}

function compact(style: string): string {
  return style
    .replaceAll("\r\n", "\n")
    .replace(/\/\*[^*]*\*\//g, "")
    .replace(/\n\s*/g, "\n")
    .trim();
}
