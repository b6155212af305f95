import { join } from "node:path";
import { temporaryFolder } from "@pka/fault-kit";
import { onTestFinished } from "vitest";
import type { TestServer } from "./http-server.js";
import { type HubState, sha256, startHub } from "./hub-server.js";
import { textParquet } from "./parquet-files.js";
import { loadDataset, type LoadDatasetOptions } from "../load-dataset.js";

export const REPO = "hotpotqa/hotpot_qa";
export const PATH = "fullwiki/validation-00000-of-00001.parquet";
export const COMMIT = "1908d6afbbead072334abe2965f91bd2709910ab";
export const LATER_COMMIT = "2b0e1a9f3c4d5e6f708192a3b4c5d6e7f8091a2b";

/** The dataset's parquet file with these questions. */
export function hotpot(...questions: string[]): Buffer {
  return textParquet({ question: questions, answer: questions.map((question) => `answer to ${question}`) });
}

/** A parquet file that crosses the wire in many pieces. */
export const LONG = hotpot(
  ...Array.from({ length: 3000 }, (_, i) => `question ${i} ${sha256(Buffer.from(`${i}`)).repeat(4)}`),
);

/** A hub that holds HotpotQA, a cache of its own, and what loads from them. */
export async function hub(changes: Partial<HubState> = {}) {
  const state: HubState = { commit: COMMIT, files: new Map([[`${REPO}/${PATH}`, hotpot("one", "two")]]), ...changes };
  const server = await startHub(state);
  onTestFinished(() => server.close());
  const cacheDir = temporaryFolder();
  const warnings: string[] = [];
  const logger = { info() {}, warn: (message: string) => void warnings.push(message) };
  const load = ({ hub: hubOptions, ...options }: LoadDatasetOptions = {}) =>
    loadDataset("hotpotqa", { logger, ...options, hub: { endpoint: server.url, cacheDir, ...hubOptions } });
  return { state, server, cacheDir, repo: join(cacheDir, "datasets--hotpotqa--hotpot_qa"), warnings, load };
}

export const questions = ({ examples }: Awaited<ReturnType<typeof loadDataset>>): string[] =>
  examples.map(({ question }) => question);
/** Downloads that the hub's storage was asked for. */
export const gets = ({ requests }: TestServer) =>
  requests.filter(({ method, path }) => method === "GET" && path.startsWith("/storage/"));
/** What a promise was rejected with. */
export const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "no error",
    (error: unknown) => error,
  );
