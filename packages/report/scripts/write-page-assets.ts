import { writeFile } from "node:fs/promises";
import { buildPage, PAGE_ASSETS } from "./build-page.js";

await writeFile(PAGE_ASSETS, await buildPage());
