import { constants, existsSync } from "node:fs";
import { access, stat, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { openEngine } from "@pka/engine";
import { TinkerClient } from "@pka/tinker";
import { type Environment, readEnvironment } from "./environment.js";
import { EXIT } from "./exit-codes.js";
import { table } from "./format.js";
import { TINKER_KEYS } from "./open-tinker.js";
import { printable } from "./stderr.js";
import { printJson } from "./print-json.js";

/** `not set` is no fault: not every user needs every key. `failed` is something set up that does not work. */
interface Check {
  readonly name: string;
  readonly status: "ok" | "not set" | "failed";
  readonly detail: string;
}

const TIMEOUT_MS = 5_000;
const LOW_DISK_BYTES = 1e9;

/** `pka doctor`. Exit code 1 when something that is set up does not work. */
export async function runDoctor(options: {
  baseUrl?: readonly string[];
  outputDir: string;
  json?: true;
}): Promise<number> {
  const environment = readEnvironment();
  const checks = await Promise.all([
    checkNode(),
    checkEngine(),
    checkOpenai(environment),
    checkTinker(environment),
    ...[...environment.vllmBaseUrls, ...(options.baseUrl ?? [])].map((url) => checkServer(url, environment)),
    checkHub(environment),
    checkFolder("dataset cache", environment.hub.cacheDir),
    checkFolder("output folder", options.outputDir),
  ]);
  if (options.json) printJson({ checks });
  else
    console.log(
      table(
        ["check", "status", "detail"],
        checks.map(({ name, status, detail }) => [name, status, detail]),
      ),
    );
  return checks.some(({ status }) => status === "failed") ? EXIT.failed : EXIT.done;
}

async function checkNode(): Promise<Check> {
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
    return { name, status: "failed", detail: messageOf(error) };
  }
}

async function checkOpenai({ openaiApiKey, openaiBaseUrl }: Environment): Promise<Check> {
  const name = "OPENAI_API_KEY";
  if (!openaiApiKey)
    return { name, status: "not set", detail: "needed for gpt-5.2; keys: https://platform.openai.com/api-keys" };
  const answer = await ask(`${openaiBaseUrl ?? "https://api.openai.com/v1"}/models`, openaiApiKey);
  return { name, ...answer };
}

async function checkTinker({ tinkerApiKey, tinkerBaseUrl }: Environment): Promise<Check> {
  const name = "TINKER_API_KEY";
  if (!tinkerApiKey) return { name, status: "not set", detail: `needed for gpt-oss-20b; ${TINKER_KEYS}` };
  try {
    const deadline = AbortSignal.timeout(TIMEOUT_MS);
    const client = new TinkerClient({
      apiKey: tinkerApiKey,
      baseUrl: tinkerBaseUrl,
      maxRetryMs: 0,
      fetch: (url, init) => fetch(url, { ...init, signal: deadline }),
    });
    const { supportedModels } = await client.getServerCapabilities();
    return { name, status: "ok", detail: `it answers, with ${supportedModels.length} base models` };
  } catch (error) {
    return { name, status: "failed", detail: messageOf(error) };
  }
}

async function checkServer(url: string, { vllmApiKey }: Environment): Promise<Check> {
  return { name: `server ${withoutCredentials(url)}`, ...(await ask(`${url}/models`, vllmApiKey)) };
}

async function checkHub({ hub }: Environment): Promise<Check> {
  const name = "dataset hub";
  const endpoint = withoutCredentials(hub.endpoint);
  if (hub.offline) return { name, status: "not set", detail: "offline by HF_HUB_OFFLINE: only the cache is read" };
  const answer = await ask(`${hub.endpoint}/api/datasets/hotpotqa/hotpot_qa`, hub.token);
  return { name, ...answer, detail: `${endpoint}: ${answer.detail}` };
}

/** Can it be written, or made? Looks only; makes nothing. */
async function checkFolder(name: string, folder: string): Promise<Check> {
  const path = resolve(folder);
  try {
    const existing = nearestExisting(path);
    if (!(await stat(existing)).isDirectory()) return { name, status: "failed", detail: `${existing} is not a folder` };
    await access(existing, constants.W_OK);
    const { bavail, bsize } = await statfs(existing);
    const free = bavail * bsize;
    return {
      name,
      status: free < LOW_DISK_BYTES ? "failed" : "ok",
      detail: `${path}, ${(free / 1e9).toFixed(1)} GB free`,
    };
  } catch (error) {
    return { name, status: "failed", detail: `${path}: ${messageOf(error)}` };
  }
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}

/** GET an address, with the key if there is one. The key goes into no message. */
async function ask(url: string, key: string | undefined): Promise<Pick<Check, "status" | "detail">> {
  try {
    const headers: Record<string, string> = key ? { authorization: `Bearer ${key}` } : {};
    const response = await fetch(url, { headers, redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
    await response.body?.cancel();
    if (response.ok) return { status: "ok", detail: "it answers" };
    if (response.status === 401 || response.status === 403)
      return { status: "failed", detail: "the key is not accepted" };
    return { status: "failed", detail: `it answers with status ${response.status}` };
  } catch (error) {
    return { status: "failed", detail: `no answer: ${messageOf(error)}` };
  }
}

function withoutCredentials(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname.replace(/\/$/, "");
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return printable(String(error));
  return printable(error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message);
}
