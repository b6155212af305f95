import { createHash } from "node:crypto";
import { ApiError } from "./api-error.js";

/** Most submits that are remembered in one table. */
const MAX_REMEMBERED = 50_000;

/** Makes submits idempotent: a client that got no answer sends the same again, under the same number. */
export class Submissions<T> {
  readonly #seen = new Map<string, { readonly digest: string; readonly answer: T }>();
  readonly #what: string;

  /** @param what - Names the number in messages, such as `seq_id`. */
  constructor(what: string) {
    this.#what = what;
  }

  /**
   * What `make` gave for this number before, or gives now.
   * @throws ApiError 400 when the number was used with another content.
   */
  once(number: number | bigint, content: Uint8Array, make: () => T): T {
    const key = String(number);
    const digest = createHash("sha256").update(content).digest("base64");
    const before = this.#seen.get(key);
    if (before) {
      if (before.digest === digest) return before.answer;
      throw new ApiError(400, `${this.#what} ${key} was already used for another request; every request needs its own`);
    }
    const answer = make();
    this.#seen.set(key, { digest, answer });
    if (this.#seen.size > MAX_REMEMBERED) this.#seen.delete(this.#seen.keys().next().value!);
    return answer;
  }
}
