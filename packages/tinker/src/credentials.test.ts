import { systemClock } from "@pka/core";
import { expect, test } from "vitest";
import { Credentials } from "./credentials.js";
import { API_KEY, openClient } from "./testing/open-client.js";
import { startTinkerStub } from "./testing/tinker-stub.js";

function jwt(expiresInSeconds: number, n = 0): string {
  const claims = { exp: Math.floor(Date.now() / 1000) + expiresInSeconds, sub: "user:1", email: "a@b.c", n };
  return `eyJhbGciOiJub25lIn0.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.x`;
}

test("where the service wants it, the key is exchanged once and only the token is sent from then on", async () => {
  const token = jwt(3600);
  const stub = await startTinkerStub({
    config: { pjwt_auth_enabled: true },
    answer: ({ path }) => (path === "/auth/token" ? { json: { jwt: token } } : undefined),
  });
  const client = openClient(stub);
  await Promise.all([client.getServerCapabilities(), client.createSamplingClient({ baseModel: "b" })]);
  const keys = stub.requests.map(({ path, headers }) => [path, headers["x-api-key"]]);
  expect(keys.filter(([, key]) => key === API_KEY).map(([path]) => path)).toEqual(["/client/config", "/auth/token"]);
  expect(new Set(keys.slice(2).map(([, key]) => key))).toEqual(new Set([token]));
  expect(await client.rest.whoami()).toEqual({ subject: "user:1", email: "a@b.c" });
});

test("a refused exchange is an authentication error", async () => {
  const stub = await startTinkerStub({
    config: { pjwt_auth_enabled: true },
    answer: ({ path }) => (path === "/auth/token" ? { status: 401, json: { detail: API_KEY } } : undefined),
  });
  const failed = openClient(stub).getServerCapabilities();
  await expect(failed).rejects.toMatchObject({ kind: "auth", status: 401 });
  await expect(failed).rejects.not.toThrow(API_KEY);
});

test("a token is renewed behind the scenes before it expires, and waited for when it is about to", async () => {
  const issued: string[] = [];
  let life = 200;
  const credentials = new Credentials("tml-k", systemClock);
  credentials.exchangeWith(() => {
    issued.push(jwt(life, issued.length));
    return Promise.resolve(issued.at(-1)!);
  });
  expect(await credentials.get()).toBe(issued[0]);
  // 200 s left: good enough, and renewed meanwhile.
  life = 30;
  expect(await credentials.get()).toBe(issued[0]);
  expect(issued).toHaveLength(2);
  await Promise.resolve();
  // 30 s left: the next one is waited for.
  life = 3600;
  expect(await credentials.get()).toBe(issued[2]);
  expect(await credentials.get()).toBe(issued[2]);
  expect(issued).toHaveLength(3);
});

test("a token that still holds is used on while the exchange fails", async () => {
  let calls = 0;
  const credentials = new Credentials("tml-k", systemClock);
  const first = jwt(50);
  credentials.exchangeWith(() => {
    calls += 1;
    return calls === 1 ? Promise.resolve(first) : Promise.reject(new Error("down"));
  });
  for (let i = 0; i < 4; i++) expect(await credentials.get()).toBe(first);
  // Once more after the first, then a minute of peace.
  expect(calls).toBe(2);
});
