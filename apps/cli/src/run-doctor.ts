import { openEngine } from "@pka/engine";
import { type Check, failed } from "./doctor/check.js";
import { checkClock } from "./doctor/check-clock.js";
import { checkEndpoints, skippedEndpoints } from "./doctor/check-endpoints.js";
import { checkCache, checkFolder } from "./doctor/check-folders.js";
import { readEnvironment } from "./environment.js";
import { EXIT } from "./exit-codes.js";
import { table } from "./format.js";
import { printJson } from "./print-json.js";

/** `pka doctor`. Exit code 1 when something that is set up does not work. */
export async function runDoctor(options: {
  baseUrl?: readonly string[];
  outputDir: string;
  offline?: true;
  json?: true;
}): Promise<number> {
  const environment = readEnvironment();
  const { baseUrl = [], outputDir, offline } = options;
  const { cacheDir } = environment.hub;
  const [engine, endpoints, folders] = await Promise.all([
    checkEngine(),
    offline ? { checks: skippedEndpoints(environment, baseUrl), skewsMs: [] } : checkEndpoints(environment, baseUrl),
    Promise.all([
      checkFolder("dataset cache", cacheDir),
      checkCache(cacheDir),
      checkFolder("output folder", outputDir),
    ]),
  ]);
  const clock = checkClock(Date.now(), endpoints.skewsMs);
  const checks = [checkNode(), engine, clock, ...endpoints.checks, ...folders];
  if (options.json) printJson({ schema: 1, checks });
  else {
    const rows = checks.map(({ name, status, detail }) => [name, status, detail]);
    console.log(table(["check", "status", "detail"], rows));
  }
  return checks.some(({ status }) => status === "failed") ? EXIT.failed : EXIT.done;
}

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isSupported = major > 20 || (major === 20 && minor >= 19);
  const detail = `${process.version}${isSupported ? "" : ", but 20.19 or newer is needed"}`;
  return { name: "Node", status: isSupported ? "ok" : "failed", detail };
}

async function checkEngine(): Promise<Check> {
  const name = "embedded engine";
  try {
    const engine = await openEngine("tiny");
    try {
      const client = await engine.samplingClient();
      await client.sample({ prompt: engine.tokenizer.encode("Where"), params: { maxTokens: 1 } });
    } finally {
      await engine.close();
    }
    return { name, status: "ok", detail: "tiny answers" };
  } catch (error) {
    return failed(name, error);
  }
}
