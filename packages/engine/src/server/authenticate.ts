import { createHash, timingSafeEqual } from "node:crypto";
import { UsageError } from "@pka/core";
import type { Context } from "hono";
import { ApiError } from "./api-error.js";

const LOOPBACK = ["127.0.0.1", "localhost", "::1"];

function isLoopback(host: string): boolean {
  return LOOPBACK.includes(host) || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** @throws UsageError for a key that clients would refuse to send, and for a server without a key that other machines could reach. */
export function checkApiKey(apiKey: string | undefined, host: string): void {
  if (apiKey === undefined && !isLoopback(host)) {
    throw new UsageError(
      `a server at ${host} can be reached from elsewhere: give it an API key, which begins with tml-`,
    );
  }
  if (apiKey !== undefined && !/^tml-\S+$/.test(apiKey)) {
    throw new UsageError("the API key must begin with tml-: Tinker's clients send no other");
  }
}

/**
 * Does the request carry the key, as `X-API-Key` or as a bearer token? Without a key of its own the server takes any, but only from
 * programs on this machine: a page in a browser must not reach it, not even under a name that points here.
 * @throws ApiError 401 for a missing or wrong key · 403 for a request from elsewhere.
 */
export function authenticate(c: Context, apiKey: string | undefined): void {
  if (apiKey === undefined) {
    const host = hostOf(`http://${c.req.header("host") ?? ""}`);
    const origin = c.req.header("origin");
    if (!isLoopback(host) || (origin !== undefined && !isLoopback(hostOf(origin)))) {
      throw new ApiError(403, "this server has no API key, so it only answers programs on its own machine");
    }
    return;
  }
  const bearer = /^Bearer\s+(\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
  const given = c.req.header("x-api-key") ?? bearer;
  if (given === undefined) throw new ApiError(401, "an API key is needed: send it as X-API-Key");
  if (!timingSafeEqual(digest(given), digest(apiKey))) throw new ApiError(401, "Unable to validate credential");
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, "") : "";
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
