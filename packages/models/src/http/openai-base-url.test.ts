import { expect, test } from "vitest";
import { openaiBaseUrl } from "./openai-base-url.js";

test.each([
  ["http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1"],
  [" http://127.0.0.1:8000/v1/ ", "http://127.0.0.1:8000/v1"],
  ["http://127.0.0.1:8000", "http://127.0.0.1:8000/v1"],
  ["https://example.com/openai/v1//", "https://example.com/openai/v1"],
  ["HTTPS://Example.com/V1", "https://example.com/V1"],
])("%j is %j", (text, url) => {
  expect(openaiBaseUrl(text)).toBe(url);
});

test.each([
  { text: "127.0.0.1:8000/v1", says: "is not a base URL" },
  { text: "localhost:8000", says: "is not a base URL" },
  { text: "file:///etc/passwd", says: "is not a base URL" },
  { text: "", says: "is not a base URL" },
  { text: "http://host/v1?key=x", says: "nothing may follow the path" },
  { text: "http://user:secret@host/v1", says: "base URL of host: give the key as an API key" },
])("refuses $text", ({ text, says }) => {
  expect(() => openaiBaseUrl(text)).toThrow(says);
  expect(() => openaiBaseUrl(text)).not.toThrow("secret");
});
