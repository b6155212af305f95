import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createReport } from "@pka/report";
import { HAS_SHARED } from "../packages/fault-kit/src/files/shared-data.js";
import { paperFigures } from "./paper-figures.js";
import { runCosts } from "./run-costs.js";
import { ROOT } from "./shared-data.js";

/** The committed results of `pka demo`. */
const DEMO = join(ROOT, "results/SmallWorld/tiny");
const COSTS = "docs/guides/reproduce-the-paper.md";

/** A committed text, or a part of one, that is computed. */
export interface GeneratedText {
  /** Below the root of the repository. */
  readonly file: string;
  /** The file as it has to be. Where it holds more than what is computed, the rest is as it stands. */
  readonly compute: () => Promise<string>;
  readonly needsShared: boolean;
}

export const GENERATED: readonly GeneratedText[] = [
  { file: "results/paper-figures.md", compute: paperFigures, needsShared: true },
  { file: "results/demo-figures.md", compute: demoFigures, needsShared: false },
  { file: COSTS, compute: async () => replaceBetween(COSTS, "run costs", await runCosts()), needsShared: true },
];

/** What can be computed here: not everything where the shared data is absent. */
export const COMPUTABLE = GENERATED.filter(({ needsShared }) => HAS_SHARED || !needsShared);

export function readCommitted(file: string): string {
  const path = join(ROOT, file);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

async function demoFigures(): Promise<string> {
  const { text } = await createReport({ folder: DEMO, format: "md", title: "The demo's figures" });
  return text;
}

/** Put a text between the comments `<!-- name -->` and `<!-- end -->` of a file. */
function replaceBetween(file: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name} -->`, "<!-- end -->"];
  const whole = readCommitted(file);
  const from = whole.indexOf(start);
  const to = whole.indexOf(end, from);
  if (from === -1 || to === -1) throw new Error(`${file}: the comments ${start} and ${end} are missing`);
  return `${whole.slice(0, from + start.length)}\n\n${text}\n\n${whole.slice(to)}`;
}
