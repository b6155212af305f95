import { TinkerClient } from "@pka/tinker";
import { z } from "zod";
import type { Environment } from "../environment.js";
import { TINKER_KEYS } from "../open-tinker.js";
import { printable } from "../stderr.js";
import { type Check, failed, detailOf } from "./check.js";

const TIMEOUT_MS = 5_000;
const MAX_BODY_CHARS = 1e6;
const NAMES_SHOWN = 3;

/** What was learned of the servers: whether they answer, and what time it is there. */
export interface Endpoints {
  readonly checks: readonly Check[];
  /** Server's time less ours, one per answer with a date. */
  readonly skewsMs: readonly number[];
}

type Ask = (url: string, key: string | undefined) => Promise<Pick<Check, "status" | "detail">>;

/** Every server that the environment or `baseUrls` names: is it reached, is the key accepted, which models has it? */
export async function checkEndpoints(environment: Environment, baseUrls: readonly string[]): Promise<Endpoints> {
  const skewsMs: number[] = [];
  const fetchDated: typeof fetch = async (url, init) => {
    const response = await fetch(url, init);
    const date = Date.parse(response.headers.get("date") ?? "");
    // A date has whole seconds.
    if (!Number.isNaN(date)) skewsMs.push(date + 500 - Date.now());
    return response;
  };
  const ask: Ask = (url, key) => askModels(fetchDated, url, key);
  const checks = await Promise.all([
    checkOpenai(environment, ask),
    checkTinker(environment, fetchDated),
    ...[...environment.vllmBaseUrls, ...baseUrls].map((url) => checkServer(url, environment, ask)),
    checkHub(environment, ask),
  ]);
  return { checks, skewsMs };
}

async function checkOpenai({ openaiApiKey, openaiBaseUrl }: Environment, ask: Ask): Promise<Check> {
  const name = "OPENAI_API_KEY";
  if (!openaiApiKey)
    return { name, status: "not set", detail: "needed for gpt-5.2; keys: https://platform.openai.com/api-keys" };
  return { name, ...(await ask(`${openaiBaseUrl ?? "https://api.openai.com/v1"}/models`, openaiApiKey)) };
}

async function checkTinker({ tinkerApiKey, tinkerBaseUrl }: Environment, fetchDated: typeof fetch): Promise<Check> {
  const name = "TINKER_API_KEY";
  if (!tinkerApiKey) return { name, status: "not set", detail: `needed for gpt-oss-20b; ${TINKER_KEYS}` };
  try {
    const deadline = AbortSignal.timeout(TIMEOUT_MS);
    const client = new TinkerClient({
      apiKey: tinkerApiKey,
      baseUrl: tinkerBaseUrl,
      maxRetryMs: 0,
      fetch: (url, init) => fetchDated(url, { ...init, signal: deadline }),
    });
    const { supportedModels } = await client.getServerCapabilities();
    const models = supportedModels.map((model) => model.name);
    return { name, status: "ok", detail: `it answers, with ${models.length} base models${listed(models)}` };
  } catch (error) {
    return failed(name, error);
  }
}

async function checkServer(url: string, { vllmApiKey }: Environment, ask: Ask): Promise<Check> {
  const name = `server ${withoutCredentials(url)}`;
  return { name, ...(await ask(`${url.replace(/(?<!\/)\/+$/, "")}/models`, vllmApiKey)) };
}

async function checkHub({ hub }: Environment, ask: Ask): Promise<Check> {
  const name = "dataset hub";
  if (hub.offline) return { name, status: "not set", detail: "offline by HF_HUB_OFFLINE: only the cache is read" };
  const answer = await ask(`${hub.endpoint}/api/datasets/hotpotqa/hotpot_qa`, hub.token);
  return { name, ...answer, detail: `${withoutCredentials(hub.endpoint)}: ${answer.detail}` };
}

/** GET an address, with the key if there is one. The key goes into no message, and to no other address. */
async function askModels(fetchDated: typeof fetch, url: string, key: string | undefined): ReturnType<Ask> {
  try {
    const headers: Record<string, string> = key ? { authorization: `Bearer ${key}` } : {};
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetchDated(url, { headers, redirect: "manual", signal });
    if (response.ok) return { status: "ok", detail: `it answers${listed(await modelsIn(response))}` };
    await response.body?.cancel();
    if (response.status === 401 || response.status === 403)
      return { status: "failed", detail: key ? "the key is not accepted" : "it asks for a key" };
    return { status: "failed", detail: `it answers with status ${response.status}` };
  } catch (error) {
    return { status: "failed", detail: `no answer: ${detailOf(error)}` };
  }
}

const modelsSchema = z.object({ data: z.array(z.object({ id: z.string() })) });

/** Ids in an answer of `/models`; none where it is something else. */
async function modelsIn(response: Response): Promise<string[]> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const part of response.body ?? []) {
    text += decoder.decode(part, { stream: true });
    if (text.length > MAX_BODY_CHARS) return [];
  }
  try {
    return modelsSchema.parse(JSON.parse(text)).data.map(({ id }) => id);
  } catch {
    return [];
  }
}

function listed(models: readonly string[]): string {
  if (models.length === 0) return "";
  const more = models.length > NAMES_SHOWN ? `, and ${models.length - NAMES_SHOWN} more` : "";
  return `: ${models
    .slice(0, NAMES_SHOWN)
    .map((model) => printable(model).slice(0, 80))
    .join(", ")}${more}`;
}

/** The addresses that `--offline` leaves alone, without asking them. */
export function skippedEndpoints(environment: Environment, baseUrls: readonly string[]): Check[] {
  const detail = "not asked: --offline";
  const { openaiApiKey, tinkerApiKey, vllmBaseUrls, hub } = environment;
  const names = [
    ...(openaiApiKey ? ["OPENAI_API_KEY"] : []),
    ...(tinkerApiKey ? ["TINKER_API_KEY"] : []),
    ...[...vllmBaseUrls, ...baseUrls].map((url) => `server ${withoutCredentials(url)}`),
    `dataset hub ${withoutCredentials(hub.endpoint)}`,
  ];
  return names.map((name) => ({ name, status: "skipped", detail }));
}

function withoutCredentials(url: string): string {
  if (!URL.canParse(url)) return "(no address)";
  const { origin, pathname } = new URL(url);
  return origin + pathname.replace(/\/$/, "");
}
