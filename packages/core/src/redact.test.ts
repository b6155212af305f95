import { expect, test } from "vitest";
import { redact, redactCredentials } from "./redact.js";

const KEY = "sk-canary-7f3a/9b+2=";

test.each([
  { name: "as it is", text: `key ${KEY}.`, redacted: "key [redacted]." },
  { name: "URL-encoded", text: "?k=sk-canary-7f3a%2F9b%2B2%3D&x", redacted: "?k=[redacted]&x" },
  { name: "URL-encoded in small letters", text: "sk-canary-7f3a%2f9b%2b2%3d", redacted: "[redacted]" },
  { name: "in JSON with escaped slashes", text: '{"k":"sk-canary-7f3a\\/9b+2="}', redacted: '{"k":"[redacted]"}' },
  { name: "twice", text: `${KEY}${KEY}`, redacted: "[redacted][redacted]" },
  { name: "absent", text: "sk-canary-7f3a/9b+2", redacted: "sk-canary-7f3a/9b+2" },
])("a secret $name", ({ text, redacted }) => {
  expect(redact(text, ["", KEY])).toBe(redacted);
});

test.each([
  { name: "secret alone", text: KEY },
  { name: "header value", text: `Bearer ${KEY}` },
  { name: "credentials", text: `:${KEY}` },
  { name: "header line", text: `authorization: Bearer ${KEY}\r\naccept: */*` },
  { name: "one byte before", text: `x${KEY}yz` },
  { name: "two bytes before", text: `xx${KEY}y` },
])("a secret in base64: $name", ({ text }) => {
  for (const encoding of ["base64", "base64url"] as const) {
    const redacted = redact(Buffer.from(text).toString(encoding), [KEY]);
    expect(redacted).toContain("[redacted]");
    // Whatever is left decodes to less than the secret's beginning or end.
    const left = redacted.split("[redacted]").map((part) => Buffer.from(part, encoding).toString());
    for (const part of left) expect(part).not.toMatch(/sk-c|9b\+2/);
  }
});

test("of two secrets, one the beginning of the other, nothing is left", () => {
  expect(redact("tml-12345678-more tml-12345678", ["tml-12345678", "tml-12345678-more"])).toBe("[redacted] [redacted]");
});

test("letters outside ASCII, and nothing to hide", () => {
  expect(redact(`${Buffer.from("pässwörter").toString("base64")} pässwörter`, ["pässwörter"])).toMatch(
    /^\[redacted\]\S{0,4} \[redacted\]$/,
  );
  expect(redact("text", [])).toBe("text");
});

test.each([
  { text: "sk-proj-abcdefghijklmnop1234", redacted: "[redacted]" },
  { text: "hf_abcdefghijklmnopqrstuv is no token", redacted: "[redacted] is no token" },
  { text: "tml-abcdefghijklmnopqrst,", redacted: "[redacted]," },
  { text: "Authorization: Bearer abc.def.ghi", redacted: "Authorization: Bearer [redacted]" },
  { text: "authorization: basic dXNlcjpwYXNz", redacted: "authorization: basic [redacted]" },
  { text: "invalid Bearer abcdefghijklmnopqr=", redacted: "invalid Bearer [redacted]" },
  { text: "http://user:pass@host/x", redacted: "http://[redacted]@host/x" },
  { text: "https://h/a?token=abc&x=1&api_key=q", redacted: "https://h/a?token=[redacted]&x=1&api_key=[redacted]" },
  {
    text: "a sk-learn user, basic knowledge, the Bearer of news, me@home",
    redacted: "a sk-learn user, basic knowledge, the Bearer of news, me@home",
  },
])("credentials by their looks: $text", ({ text, redacted }) => {
  expect(redactCredentials(text)).toBe(redacted);
});
