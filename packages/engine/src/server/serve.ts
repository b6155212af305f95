import type { AddressInfo } from "node:net";
import { serve as listen } from "@hono/node-server";
import { type Logger, silentLogger, type Tokenizer, UsageError } from "@pka/core";
import { createApp, stackOf } from "./app.js";
import { Archives } from "./archives.js";
import { checkApiKey } from "./authenticate.js";
import { BaseModels, SERVED_MODELS, type ServedModel } from "./base-models.js";
import { Futures } from "./futures.js";
import { LiveModels } from "./live-models.js";
import { LiveSamplers } from "./live-samplers.js";
import { Sessions } from "./sessions.js";
import { Store } from "./store.js";

/** Options of `serve`. */
export interface ServeOptions {
  /** Folder of checkpoints, training runs and sessions; made as needed. One server at a time. */
  readonly dataDir: string;
  /** Default `127.0.0.1`: only this machine. Anything else needs `apiKey`. */
  readonly host?: string | undefined;
  /** Default 0: any free one. */
  readonly port?: number | undefined;
  /** Begins with `tml-`. Without one, any key or none is taken from programs on this machine. */
  readonly apiKey?: string | undefined;
  /** Default {@link SERVED_MODELS}. */
  readonly models?: readonly ServedModel[] | undefined;
  /** Loads `o200k_harmony`, at the first use of a model that needs it. Without it, such models are not served. */
  readonly harmonyTokenizer?: (() => Promise<Tokenizer>) | undefined;
  /** Compute in threads of their own. Default true. */
  readonly worker?: boolean | undefined;
  /** Default 64 MiB and 256 MiB. */
  readonly maxBodyBytes?: number | undefined;
  readonly maxDecompressedBytes?: number | undefined;
  /** How long a poll waits for its result. Default 20 s; clients give up after 45. */
  readonly pollHoldMs?: number | undefined;
  /** How long a training request waits for one before it that is missing. Default 3 minutes. */
  readonly gapTimeoutMs?: number | undefined;
  /** A session that is not heard of for so long loses its models and samplers in memory. Default 1 hour. */
  readonly sessionTimeoutMs?: number | undefined;
  /** Models in training at once. Default 64. */
  readonly maxModels?: number | undefined;
  /** Completions waited for at once, before clients are asked to hold back. Default 4096. */
  readonly maxQueuedSamples?: number | undefined;
  readonly logger?: Logger | undefined;
}

/** A server that runs. */
export interface RunningServer {
  /** Such as `http://127.0.0.1:8000`: Tinker's clients take it as it is, OpenAI's with `/v1` behind it. */
  readonly url: string;
  readonly models: readonly string[];
  /** Take no more requests, finish those in flight, and stop. Checkpoints are on disk already. */
  close(): Promise<void>;
}

const SWEEP_MS = 60_000;

/**
 * The embedded engine over HTTP: Tinker's API under `/api/v1`, an OpenAI-compatible one under `/v1`.
 * @throws UsageError for options that cannot be, and for an address that is taken.
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { dataDir, host = "127.0.0.1", port = 0, apiKey, logger = silentLogger } = options;
  checkApiKey(apiKey, host);
  const baseModels = new BaseModels({
    models: options.models ?? SERVED_MODELS,
    harmonyTokenizer: options.harmonyTokenizer,
    worker: options.worker ?? true,
  });
  const store = await Store.open(dataDir, logger);
  const sessions = new Sessions(store);
  const futures = new Futures((error) => logger.warn(`a request failed: ${stackOf(error)}`));
  const { gapTimeoutMs = 180_000, maxModels = 64, maxQueuedSamples = 4096 } = options;
  const shared = { store, futures, sessions, baseModels };
  const models = new LiveModels({ ...shared, gapTimeoutMs, maxModels });
  const samplers = new LiveSamplers({ ...shared, maxQueuedSamples });
  const { maxBodyBytes = 2 ** 26, maxDecompressedBytes = 2 ** 28, pollHoldMs = 20_000 } = options;
  const limits = { maxBodyBytes, maxDecompressedBytes };
  let closed: Promise<void> | undefined;
  const app = createApp(
    { ...shared, models, samplers, archives: new Archives(store), limits, pollHoldMs, logger },
    apiKey,
    () => closed !== undefined,
  );

  const { server, address } = await new Promise<{ server: ReturnType<typeof listen>; address: AddressInfo }>(
    (resolve, reject) => {
      const started = listen({ fetch: app.fetch, hostname: host, port, overrideGlobalObjects: false }, (info) =>
        resolve({ server: started, address: info }),
      );
      started.once("error", (cause: NodeJS.ErrnoException) => {
        reject(
          new UsageError(`the server cannot listen at ${host}:${port} (${cause.code ?? cause.message})`, { cause }),
        );
      });
    },
  );
  const { sessionTimeoutMs = 3_600_000 } = options;
  const sweep = setInterval(() => {
    futures.sweep();
    for (const session of sessions.takeIdle(Date.now() - sessionTimeoutMs)) {
      models.unloadSession(session);
      samplers.closeSession(session);
    }
  }, SWEEP_MS);
  sweep.unref();

  const close = async (): Promise<void> => {
    clearInterval(sweep);
    models.stop();
    await futures.drained();
    await models.persist();
    const ended = new Promise((resolve) => server.close(resolve));
    if ("closeAllConnections" in server) {
      server.closeIdleConnections();
      // Replies on their way may finish; a client that keeps its connection busy may not hold the server.
      const timer = setTimeout(() => server.closeAllConnections(), 1_000);
      await ended;
      clearTimeout(timer);
    }
    await baseModels.close();
  };
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    models: baseModels.names,
    close: () => (closed ??= close()),
  };
}
