import { setMaxListeners } from "node:events";
import { type Clock, type Logger, parseBaseUrl, silentLogger, systemClock, UsageError } from "@pka/core";
import { checkApiKey, HOSTED_URL } from "./api-key.js";
import { Budget } from "./budget.js";
import { type ClientConfig, readClientConfig } from "./client-config.js";
import { Credentials } from "./credentials.js";
import { errorOfReply } from "./error-of-reply.js";
import { Futures } from "./futures.js";
import { Requester } from "./requester.js";
import { type Fetch, type Reply, Transport } from "./transport.js";
import {
  authTokenResponseSchema,
  type ClientDynamicConfigResponse,
  clientConfigResponseSchema,
  clientDynamicConfigResponseSchema,
} from "./wire/session-messages.js";

/** How the service is reached. */
export interface ConnectionOptions {
  /** A key of the service (`tml-…`), or a JSON web token. Never shown in a message. */
  readonly apiKey: string;
  /** Default the hosted service. What the path holds is kept: `/api/v1/…` is appended. */
  readonly baseUrl?: string | undefined;
  /** Told of pauses, warnings of the service and whatever else is worth a line. Default silent. */
  readonly logger?: Logger | undefined;
  /** Default the global `fetch`. */
  readonly fetch?: Fetch | undefined;
  /** How long after its first attempt a request is still retried. Default 5 min. */
  readonly maxRetryMs?: number | undefined;
  /** How long the service may be out of reach while a result is waited for. Default 30 min. */
  readonly maxOutageMs?: number | undefined;
  /** Ends every request and every wait that has no signal of its own. */
  readonly signal?: AbortSignal | undefined;
  /** Default real time. */
  readonly clock?: Clock | undefined;
  /** In [0, 1). Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

const MAX_RETRY_MS = 5 * 60_000;
const MAX_OUTAGE_MS = 30 * 60_000;
/** The SDK release whose protocol this client speaks: the service chooses what it says by it. */
const SDK_VERSION = "0.25.0";
const CONFIG_REQUEST = JSON.stringify({ sdk_version: SDK_VERSION });

/** What all parts of a client share: one way to the service, its wishes, and the bytes that may be on their way. */
export class Connection {
  readonly requester: Requester;
  readonly futures: Futures;
  readonly logger: Logger;
  readonly credentials: Credentials;
  readonly sdkVersion = SDK_VERSION;
  #config: Promise<ClientConfig> | undefined;
  #trainingBytes: Budget | undefined;

  /** @throws UsageError for a bad key, address or option, before anything is sent. */
  constructor(options: ConnectionOptions) {
    const { apiKey, logger = silentLogger, clock = systemClock, random = Math.random } = options;
    const { maxRetryMs = MAX_RETRY_MS, maxOutageMs = MAX_OUTAGE_MS } = options;
    for (const [name, value] of Object.entries({ maxRetryMs, maxOutageMs })) {
      if (!(value >= 0)) throw new UsageError(`${name} is ${value}, and must be 0 or more`);
    }
    const baseUrl = parseBaseUrl(options.baseUrl ?? HOSTED_URL, HOSTED_URL);
    checkApiKey(apiKey, baseUrl, logger);
    const send: Fetch = options.fetch ?? ((url, init) => fetch(url, init));
    const transport = new Transport({ baseUrl, fetch: send, clock });
    this.logger = logger;
    this.credentials = new Credentials(apiKey, clock);
    // One of our own, on which any number may listen: on the caller's Node would warn of a leak.
    const signal = options.signal && AbortSignal.any([options.signal]);
    if (signal) setMaxListeners(0, signal);
    const { credentials } = this;
    this.requester = new Requester({ transport, credentials, clock, random, logger, maxRetryMs, signal });
    this.futures = new Futures(this.requester, { maxOutageMs });
  }

  /** What the service wants of its clients: asked once. A server without that call gets the defaults. */
  config(): Promise<ClientConfig> {
    this.#config ??= this.#readConfig().catch((error: unknown) => {
      this.#config = undefined;
      throw error;
    });
    return this.#config;
  }

  /** Bytes of training data that are being sent. */
  async trainingBytes(): Promise<Budget> {
    const { maxTrainingBytesInFlight } = await this.config();
    this.#trainingBytes ??= new Budget(maxTrainingBytesInFlight);
    return this.#trainingBytes;
  }

  /** Wishes that change while the client runs. */
  async dynamicConfig(): Promise<ClientDynamicConfigResponse> {
    const call = { method: "POST", path: "/client/dynamic_config", body: CONFIG_REQUEST, timeoutMs: 10_000 } as const;
    const reply = await this.requester.send(call, { once: true, accept: [404] });
    return reply.status === 404 ? {} : this.requester.readJson(clientDynamicConfigResponseSchema, reply, call.path);
  }

  async #readConfig(): Promise<ClientConfig> {
    const path = "/client/config";
    const call = { method: "POST", path, body: CONFIG_REQUEST } as const;
    const read = (reply: Reply) =>
      reply.status === 404 ? {} : this.requester.readJson(clientConfigResponseSchema, reply, path);
    const config = readClientConfig(await this.requester.understood(call, read, { accept: [404] }));
    this.futures.maxReplyBytes = config.maxReplyBytesInFlight;
    this.requester.billing.maxSeconds = config.maxBillingPauseSeconds;
    if (config.exchangesKey) this.credentials.exchangeWith((apiKey) => this.#exchange(apiKey));
    return config;
  }

  /** Past the requester, which itself waits for this. */
  async #exchange(apiKey: string): Promise<string> {
    const path = "/auth/token";
    const { transport } = this.requester;
    const reply = await transport.send({ method: "POST", path, body: "{}" }, apiKey);
    if (reply.status < 200 || reply.status >= 300) throw errorOfReply(reply, { transport, path });
    return this.requester.readJson(authTokenResponseSchema, reply, path).jwt;
  }
}
