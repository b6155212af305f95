import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadDataset } from "@pka/datasets";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startServer, type TestServer } from "../../packages/datasets/src/testing/http-server.js";
import { type HubState, serveStorage, startHub } from "../../packages/datasets/src/testing/hub-server.js";
import { python } from "../python.js";
import { runOrThrow } from "../run.js";

const REPO = "mandarjoshi/trivia_qa";
const PATH = "rc.nocontext/validation-00000-of-00001.parquet";
const COMMIT = "0f7faf33a3908546c6fd5b73a660e0f8ff173c2f";

const interpreter = python();

describe.skipIf(interpreter === null)(
  `the cache and Python's huggingface_hub${interpreter === null ? " (skipped: no Python environment)" : ""}`,
  () => {
    let folder: string;
    let content: Buffer;
    let server: TestServer;
    let storage: TestServer;
    let cacheDir: string;

    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), "pka-hub-cache-"));
      cacheDir = join(folder, "cache");
      await runOrThrow(interpreter!, [join(import.meta.dirname, "write_triviaqa.py"), folder], { timeoutMs: 120_000 });
      content = readFileSync(join(folder, "snappy.parquet"));
      const state: HubState = { commit: COMMIT, files: new Map([[`${REPO}/${PATH}`, content]]) };
      storage = await startServer(serveStorage(state));
      // On another origin, as the hub's: to its own origin Python's client follows with HEAD, which storage refuses.
      server = await startHub({ ...state, storage: storage.url });
    });
    afterEach(async () => {
      await server.close();
      await storage.close();
      rmSync(folder, { recursive: true, force: true });
    });

    async function huggingfaceHub(
      command: "read" | "download",
      env: Readonly<Record<string, string>> = {},
    ): Promise<unknown> {
      const args = [join(import.meta.dirname, "hub_cache.py"), command, cacheDir, REPO, PATH];
      const { stdout } = await runOrThrow(interpreter!, args, {
        timeoutMs: 120_000,
        env: { HF_HUB_DISABLE_TELEMETRY: "1", ...env },
      });
      return JSON.parse(stdout);
    }

    test("Python reads offline what was downloaded here", async () => {
      await loadDataset("triviaqa", { hub: { endpoint: server.url, cacheDir } });
      expect(await huggingfaceHub("read")).toEqual({
        sha256: createHash("sha256").update(content).digest("hex"),
        commit: COMMIT,
        files: [PATH],
        repos: [`datasets/${REPO}`],
        warnings: [],
      });
    });

    test("what Python downloaded is read here offline, and online without downloading it again", async () => {
      await huggingfaceHub("download", { HF_ENDPOINT: server.url });
      const offline = await loadDataset("triviaqa", { hub: { cacheDir, offline: true } });
      expect(offline.examples).toHaveLength(2500);
      expect(offline.fingerprint.revision).toBe(COMMIT);

      server.requests.length = 0;
      expect(await loadDataset("triviaqa", { hub: { endpoint: server.url, cacheDir } })).toEqual(offline);
      expect(server.requests.map(({ method }) => method)).toEqual(["HEAD"]);
    });
  },
);
