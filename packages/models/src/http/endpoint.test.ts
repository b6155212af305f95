import { gzipSync } from "node:zlib";
import { systemClock } from "@pka/core";
import { serve } from "@pka/fault-kit";
import { expect, onTestFinished, test, vi } from "vitest";
import { Endpoint } from "./endpoint.js";
import { Ending } from "./with-deadline.js";

function open(baseUrl: string) {
  const endpoint = new Endpoint({
    baseUrl,
    apiKey: undefined,
    keyHint: "",
    serverHint: "start one",
    clock: systemClock,
    random: Math.random,
  });
  onTestFinished(() => endpoint.close());
  return { ask: (ending = new Ending()) => endpoint.request("/x", { ending }) };
}

test("a server that closes kept-alive connections after each reply loses no request of a patient client", async () => {
  const server = await serve([{ body: { ok: true }, cut: "after" }]);
  const { ask } = open(server.url);
  for (let i = 0; i < 30; i++) {
    // The close arrives before the next request.
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect((await ask()).json).toEqual({ ok: true });
  }
});

test("stops reading a reply of more than 16 MiB", async () => {
  const server = await serve([{ body: Buffer.alloc(20 * 2 ** 20, 32) }]);
  await expect(open(server.url).ask()).rejects.toMatchObject({
    kind: "bad-reply",
    message: expect.stringContaining("answered with more than 16 MiB"),
  });
});

test.each(["before it begins", "before the connection stands"])(
  "an end that comes %s: the request fails at once and is not sent",
  async (moment) => {
    const server = await serve([{ body: { ok: true } }]);
    const { ask } = open(server.url);
    const ending = new Ending();
    if (moment === "before it begins") ending.come();
    const asking = ask(ending);
    // Loaded on first use, as the request does.
    await import("undici");
    ending.come();
    await expect(asking).rejects.toMatchObject({ kind: "connection" });
    expect((await ask()).json).toEqual({ ok: true });
    expect(server.requests).toHaveLength(1);
  },
);

test("an end that comes while the server thinks closes the connection", async () => {
  const server = await serve((_, index) => (index === 0 ? { hang: true } : { body: { ok: true } }));
  const { ask } = open(server.url);
  const ending = new Ending();
  const asking = ask(ending);
  await vi.waitFor(() => expect(server.requests).toHaveLength(1));
  ending.come();
  await expect(asking).rejects.toMatchObject({ kind: "connection" });
  // Otherwise closing would wait for it.
  expect((await ask()).json).toEqual({ ok: true });
});

test("asks for no compression, and does not unpack any: a small reply stays small", async () => {
  const server = await serve([{ body: gzipSync("{}"), headers: { "content-encoding": "gzip" } }]);
  await expect(open(server.url).ask()).rejects.toMatchObject({ kind: "bad-reply", mayHaveRun: true });
  expect(server.requests[0]!.headers).not.toHaveProperty("accept-encoding");
});

test("a server that speaks no TLS behind an https:// address: no retry helps", async () => {
  const server = await serve([{ body: {} }]);
  await expect(open(server.url.replace("http:", "https:")).ask()).rejects.toMatchObject({
    kind: "connection",
    isRetryable: false,
    message: expect.stringMatching(/^no secure connection to https:\/\/127\.0\.0\.1:\d+\/v1 \(ERR_SSL_/),
  });
});

test.each([
  { code: "ENOTFOUND", says: "no such host" },
  { code: "ECONNREFUSED", says: "connection refused" },
  { code: "UND_ERR_CONNECT_TIMEOUT", says: "the connection timed out" },
  { code: "EADDRNOTAVAIL", says: "no local port is free" },
])("$code: the server was not reached", async ({ code, says }) => {
  const { failureOfConnection } = await import("./failure-of-connection.js");
  const error = new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code }) });
  const notes = {
    baseUrl: "http://host/v1",
    keyHint: "",
    serverHint: "start one",
    hasKey: false,
    redact: (text: string) => text,
  };
  expect(failureOfConnection(error, notes)).toMatchObject({
    message: `no server answers at http://host/v1 (${says}): start one`,
    isRefusal: true,
    mayHaveRun: false,
  });
});

test.each(["ETIMEDOUT", "EHOSTUNREACH"])(
  "%s of a connection that stood: the request may have been carried out",
  async (code) => {
    const { failureOfConnection } = await import("./failure-of-connection.js");
    const error = Object.assign(new Error("read"), { code, syscall: "read" });
    const notes = {
      baseUrl: "http://host/v1",
      keyHint: "",
      serverHint: "",
      hasKey: false,
      redact: (text: string) => text,
    };
    expect(failureOfConnection(error, notes)).toMatchObject({ kind: "connection", isRefusal: false, mayHaveRun: true });
  },
);
