import { quote } from "@pka/core";
import type { Connection } from "./connection.js";
import { createSessionResponseSchema } from "./wire/session-messages.js";

/** Who and what a session is for. */
export interface SessionOptions {
  readonly projectId?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly userMetadata?: Readonly<Record<string, unknown>> | undefined;
}

const HEARTBEAT_MS = 10_000;
const HEARTBEAT_TIMEOUT_MS = 10_000;
const WARN_AFTER_MS = 120_000;
const MIN_REFRESH_MS = 10_000;

/** What the service keeps for this process: models and samplers live in it for as long as it beats. */
export class Session {
  readonly id: string;
  readonly connection: Connection;
  /** The service stops work that nobody waits for any more. */
  cancelsSamples = false;
  #numModels = 0;
  #numSamplingSessions = 0;
  #isOpen = true;
  readonly #cancelTimers = new Map<string, () => void>();

  private constructor(id: string, connection: Connection) {
    this.id = id;
    this.connection = connection;
  }

  /** @throws TinkerError */
  static async open(connection: Connection, options: SessionOptions): Promise<Session> {
    const { requester, logger } = connection;
    await connection.config();
    const { tags = [], userMetadata = {}, projectId } = options;
    const body = JSON.stringify({
      tags,
      user_metadata: userMetadata,
      sdk_version: connection.sdkVersion,
      project_id: projectId,
      type: "create_session",
    });
    const call = { method: "POST", path: "/create_session", body } as const;
    const answer = await requester.json(createSessionResponseSchema, call);
    if (answer.info_message) logger.info(quote(answer.info_message));
    for (const message of [answer.warning_message, answer.error_message]) if (message) logger.warn(quote(message));
    const session = new Session(answer.session_id, connection);
    session.#beat(requester.clock.now());
    await session.#refresh();
    return session;
  }

  /** 0, 1, 2, …: the number of a new model in this session. */
  nextModelSeqId(): number {
    return this.#numModels++;
  }

  /** 0, 1, 2, …: the number of a new sampling session in this session. */
  nextSamplingSeqId(): number {
    return this.#numSamplingSessions++;
  }

  /** Stops the heartbeats and tells the service how it went. A service that does not listen is no error. */
  async close(reason: "success" | "errored" | "interrupted"): Promise<void> {
    if (!this.#isOpen) return;
    this.#stop();
    const body = JSON.stringify({ reason: { type: reason }, detail: null });
    const call = {
      method: "POST",
      path: `/sessions/${this.id}/finish`,
      body,
      timeoutMs: HEARTBEAT_TIMEOUT_MS,
    } as const;
    // Older servers have no such call, and the heartbeats' end says as much.
    await this.connection.requester.send(call, { once: true }).catch(() => undefined);
  }

  #stop(): void {
    this.#isOpen = false;
    for (const cancel of this.#cancelTimers.values()) cancel();
  }

  /** @param lastGood - When the service last heard us, on the clock. */
  #beat(lastGood: number): void {
    this.#later("heartbeat", HEARTBEAT_MS, async () => {
      const { requester, logger } = this.connection;
      const path = "/session_heartbeat";
      const body = JSON.stringify({ session_id: this.id, type: "session_heartbeat" });
      const call = { method: "POST", path, body, timeoutMs: HEARTBEAT_TIMEOUT_MS } as const;
      const reply = await requester.attempt(call).catch(() => undefined);
      if (!this.#isOpen) return;
      const now = requester.clock.now();
      if (reply?.status === 410) {
        logger.warn("the service has ended this session: what is still sent to it may be refused");
        this.#stop();
      } else if (reply && reply.status < 300) {
        this.#beat(now);
      } else {
        const isNews = now - lastGood >= WARN_AFTER_MS;
        if (isNews) logger.warn("the service has not heard this session's heartbeat for two minutes");
        // Warned once; the next warning is two minutes away.
        this.#beat(isNews ? now : lastGood);
      }
    });
  }

  async #refresh(): Promise<void> {
    const config = await this.connection.dynamicConfig().catch(() => undefined);
    if (config) this.cancelsSamples = config.sample_cancel_enabled ?? false;
    const seconds = config?.refresh_interval_sec ?? 300;
    if (this.#isOpen) this.#later("refresh", Math.max(MIN_REFRESH_MS, seconds * 1000), () => this.#refresh());
  }

  /** A timer that keeps no process alive. */
  #later(name: string, ms: number, work: () => Promise<void>): void {
    const { clock } = this.connection.requester;
    this.#cancelTimers.set(
      name,
      clock.after(ms, () => void work(), { keepAlive: false }),
    );
  }
}
