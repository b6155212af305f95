import { gzipSync } from "node:zlib";
import type { Random } from "@pka/core";
import { placesIn, withPlaceReplaced } from "./json-places.js";
import type { StubReply } from "./stub-server.js";

/** What is put in the place of a value. */
const REPLACEMENTS: readonly unknown[] = [
  undefined,
  null,
  "",
  0,
  -1,
  1.5,
  1e300,
  2 ** 53,
  true,
  [],
  {},
  [null],
  "text",
  "\u0000\ud800",
  { text: null },
  { type: "message", content: null },
  "incomplete",
  "length",
  "content_filter",
];

const BYTES: Readonly<Record<string, (bytes: Buffer, random: Random) => Buffer>> = {
  truncated: (bytes, random) => bytes.subarray(0, random.integer(bytes.length)),
  "byte changed": (bytes, random) => {
    const copy = Buffer.from(bytes);
    copy[random.integer(copy.length)] = random.integer(256);
    return copy;
  },
  "byte lost": (bytes, random) => {
    const at = random.integer(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
  },
  "piece twice": (bytes, random) => {
    const at = random.integer(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - 20))]);
  },
  "more behind": (bytes) => Buffer.concat([bytes, bytes]),
  "byte order mark": (bytes) => Buffer.concat([Buffer.from("\ufeff"), bytes]),
  "utf-16": (bytes) => Buffer.from(bytes.toString(), "utf16le"),
  "latin-1": (bytes) => Buffer.from(bytes.toString(), "latin1"),
  compressed: (bytes) => gzipSync(bytes),
  empty: () => Buffer.alloc(0),
  "web page": () => Buffer.from("<!doctype html><html><body>Sign in</body></html>"),
  "JSON null": () => Buffer.from("null"),
  "NaN for a number": (bytes) => Buffer.from(bytes.toString().replace(/:\d+/, ":NaN")),
};

const HEADERS: Readonly<Record<string, string>>[] = [
  { "content-type": "text/html" },
  { "content-type": "application/json; charset=utf-16" },
  { "content-encoding": "gzip" },
  { "content-type": "" },
];

/** `valid` with something wrong in it: one to three places of its JSON, its bytes, or its headers. One in ten stays as it is. */
export function mutatedReply(
  valid: object,
  random: Random,
): StubReply & { readonly body: Buffer; readonly how: string } {
  const bytes = Buffer.from(JSON.stringify(valid));
  const json = { "content-type": "application/json" };
  const kind = random.next();
  if (kind < 0.1) return { body: bytes, headers: json, how: "as it was" };
  if (kind < 0.7) {
    let changed: unknown = valid;
    const numPlaces = 1 + random.integer(3);
    for (let i = 0; i < numPlaces; i++) changed = withOnePlaceReplaced(changed, random);
    return { body: Buffer.from(JSON.stringify(changed) ?? ""), headers: json, how: `${numPlaces} places` };
  }
  if (kind < 0.95) {
    const how = random.pick(Object.keys(BYTES));
    return { body: BYTES[how]!(bytes, random), headers: json, how };
  }
  return { body: bytes, headers: random.pick(HEADERS), how: "headers" };
}

function withOnePlaceReplaced(value: unknown, random: Random): unknown {
  const places = placesIn(value);
  if (places.length === 0) return value;
  return withPlaceReplaced(value, random.pick(places), random.pick(REPLACEMENTS));
}
