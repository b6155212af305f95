import { errorReply } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { failureOfReply } from "./failure-of-reply.js";

const NOTES = {
  baseUrl: "http://host/v1",
  keyHint: "set THE_KEY",
  serverHint: "start it",
  hasKey: true,
  redact: (text: string) => text,
};

const failure = (status: number, body: string, headers: Record<string, string> = {}) =>
  failureOfReply({ status, headers: new Headers(headers), body, path: "/v1/completions" }, NOTES, 0);

/** What each status means, whatever the body. */
test.each([
  { status: 302, kind: "not-found", retry: false, pause: false },
  { status: 400, kind: "invalid-request", retry: false, pause: false },
  { status: 401, kind: "auth", retry: false, pause: false },
  { status: 402, kind: "quota", retry: false, pause: false },
  { status: 403, kind: "auth", retry: false, pause: false },
  { status: 404, kind: "not-found", retry: false, pause: false },
  { status: 405, kind: "not-found", retry: false, pause: false },
  { status: 408, kind: "timeout", retry: true, pause: false },
  { status: 409, kind: "overloaded", retry: true, pause: false },
  { status: 413, kind: "invalid-request", retry: false, pause: false },
  { status: 422, kind: "invalid-request", retry: false, pause: false },
  { status: 425, kind: "overloaded", retry: true, pause: false },
  { status: 429, kind: "rate-limit", retry: true, pause: true },
  { status: 500, kind: "overloaded", retry: true, pause: false },
  { status: 501, kind: "not-found", retry: false, pause: false },
  { status: 502, kind: "overloaded", retry: true, pause: false },
  { status: 503, kind: "overloaded", retry: true, pause: true },
  { status: 504, kind: "overloaded", retry: true, pause: false },
  { status: 529, kind: "overloaded", retry: true, pause: true },
])("$status -> $kind, retry $retry, pause everything $pause", ({ status, kind, retry, pause }) => {
  const bodies = [JSON.stringify(errorReply("why")), JSON.stringify({ detail: "why" }), "<html>why</html>", "why", ""];
  for (const body of bodies) {
    expect(failure(status, body)).toMatchObject({ kind, status, isRetryable: retry, isRefusal: pause });
  }
});

test.each(["insufficient_quota", "billing_hard_limit_reached"])("429 with code %s is no passing trouble", (code) => {
  expect(failure(429, JSON.stringify(errorReply("pay", code)))).toMatchObject({
    kind: "quota",
    isRetryable: false,
    isRefusal: false,
  });
});

test("x-should-retry: false is obeyed", () => {
  expect(failure(500, "", { "x-should-retry": "false" }).isRetryable).toBe(false);
});

test.each([
  { shape: "OpenAI's", body: JSON.stringify(errorReply("the reason")) },
  {
    shape: "vLLM's",
    body: JSON.stringify({ object: "error", message: "the reason", type: "BadRequestError", code: 400 }),
  },
  { shape: "FastAPI's", body: JSON.stringify({ detail: "the reason" }) },
  { shape: "a plain text", body: "the reason" },
  { shape: "a text in error", body: JSON.stringify({ error: "the reason" }) },
  { shape: "a text with control characters", body: "the\u001b\r\nreason" },
])("quotes the reason from $shape", ({ body }) => {
  expect(failure(400, body).message).toBe("http://host/v1 answered 400: the reason");
});

test("quotes FastAPI's list of faults", () => {
  const body = JSON.stringify({ detail: [{ loc: ["body", "top_p"], msg: "too large" }] });
  expect(failure(422, body).message).toBe('http://host/v1 answered 422: [{"loc":["body","top_p"],"msg":"too large"}]');
});

test("never quotes a page of HTML, and of a long text only the beginning", () => {
  expect(failure(500, "<html><body>stack trace</body></html>").message).toBe("http://host/v1 answered 500");
  expect(failure(400, "x".repeat(10_000)).message.length).toBeLessThan(600);
});

test.each([[["a"]], [[]], [7], ["text"], [null]])("survives an error body that is %j", (json) => {
  expect(failure(400, JSON.stringify(json)).kind).toBe("invalid-request");
});
