import { randomUUID } from "node:crypto";
import type { CreateSessionRequest, FinishSessionRequest } from "@pka/tinker/wire";
import { ApiError } from "./api-error.js";
import type { SessionRecord } from "./records.js";
import type { Store } from "./store.js";

/** The sessions of this server's clients. A session that no client speaks of any more gives its memory back. */
export class Sessions {
  readonly #store: Store;
  readonly #lastSeen = new Map<string, number>();

  constructor(store: Store) {
    this.#store = store;
  }

  async create({ user_metadata, project_id }: CreateSessionRequest): Promise<SessionRecord> {
    const session: SessionRecord = {
      id: randomUUID(),
      createdAt: Date.now(),
      userMetadata: user_metadata ?? {},
      projectId: project_id ?? null,
      samplers: [],
      finished: null,
    };
    this.#lastSeen.set(session.id, Date.now());
    await this.#store.saveSession(session);
    return session;
  }

  /** The session, which is alive from now on. @throws ApiError 404 */
  get(id: string): SessionRecord {
    const session = this.#store.sessions.get(id);
    if (!session) throw new ApiError(404, `there is no session "${id}"`);
    this.#lastSeen.set(id, Date.now());
    return session;
  }

  /** Newest first. */
  list(): SessionRecord[] {
    return [...this.#store.sessions.values()].toSorted((a, b) => b.createdAt - a.createdAt);
  }

  /** @throws ApiError 410 when the session is finished. */
  beat(id: string): void {
    if (this.get(id).finished) throw new ApiError(410, `session "${id}" is finished`);
  }

  /** The first call wins. */
  async finish(id: string, { reason, detail }: FinishSessionRequest): Promise<NonNullable<SessionRecord["finished"]>> {
    const session = this.get(id);
    const finished = session.finished ?? { reason: reason.type, detail: detail ?? null, at: Date.now() };
    if (!session.finished) await this.#store.saveSession({ ...session, finished });
    return finished;
  }

  async update(session: SessionRecord): Promise<void> {
    await this.#store.saveSession(session);
  }

  /** Ids of the sessions that were last heard of before `time`; they count as forgotten until they are heard of again. */
  takeIdle(time: number): string[] {
    const idle = [...this.#lastSeen].filter(([, seen]) => seen < time).map(([id]) => id);
    for (const id of idle) this.#lastSeen.delete(id);
    return idle;
  }
}
