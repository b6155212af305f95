import type { Clock } from "@pka/core";
import { z } from "zod";

const claimsSchema = z.object({ exp: z.number(), sub: z.string().optional(), email: z.string().optional() });
/** A token is renewed in the background when it has less than this left … */
const RENEW_MS = 300_000;
/** … and before the next request when it has less than this. */
const MUST_RENEW_MS = 60_000;
const PAUSE_AFTER_FAILURE_MS = 60_000;

/** What goes into `X-API-Key`: the key itself, or the short-lived token that the service gives for it. */
export class Credentials {
  readonly #apiKey: string;
  readonly #clock: Clock;
  #exchange: ((apiKey: string) => Promise<string>) | undefined;
  #token: { readonly jwt: string; readonly expiresAt: number } | undefined;
  #renewal: Promise<void> | undefined;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(apiKey: string, clock: Clock) {
    this.#apiKey = apiKey;
    this.#clock = clock;
  }

  /** From now on exchange the key for tokens. */
  exchangeWith(exchange: (apiKey: string) => Promise<string>): void {
    this.#exchange ??= exchange;
  }

  /** The token's claims, unverified, where the key is exchanged for one or is one. */
  claims(): { readonly sub?: string | undefined; readonly email?: string | undefined } | undefined {
    return readClaims(this.#token?.jwt ?? this.#apiKey);
  }

  /** @throws what the exchange throws, when there is no token that still holds. */
  async get(): Promise<string> {
    if (!this.#exchange) return this.#apiKey;
    const left = (this.#token?.expiresAt ?? 0) - this.#clock.wallNow();
    if (left > RENEW_MS) return this.#token!.jwt;
    const mayTry = this.#clock.now() > this.#failedAt + PAUSE_AFTER_FAILURE_MS;
    if (mayTry) this.#renewal ??= this.#renew().finally(() => (this.#renewal = undefined));
    const renewal = this.#renewal ?? Promise.resolve();
    // An old token is good enough while it holds.
    if (left > MUST_RENEW_MS || (this.#token && left > 0 && !mayTry)) renewal.catch(() => undefined);
    else if (this.#renewal) await renewal.catch((error: unknown) => this.#unlessHolds(error));
    else await this.#renew();
    return this.#token!.jwt;
  }

  #unlessHolds(error: unknown): void {
    if (!this.#token || this.#token.expiresAt <= this.#clock.wallNow()) throw error;
  }

  async #renew(): Promise<void> {
    try {
      const jwt = await this.#exchange!(this.#apiKey);
      const exp = readClaims(jwt)?.exp;
      this.#token = { jwt, expiresAt: exp === undefined ? Number.POSITIVE_INFINITY : exp * 1000 };
    } catch (error) {
      this.#failedAt = this.#clock.now();
      throw error;
    }
  }
}

function readClaims(jwt: string): z.infer<typeof claimsSchema> | undefined {
  try {
    return claimsSchema.parse(JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString()));
  } catch {
    return undefined;
  }
}
