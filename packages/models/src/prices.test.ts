import { UsageError } from "@pka/core";
import { expect, test } from "vitest";
import { parsePrices } from "./parse-prices.js";
import { priceOf, PRICES } from "./prices.js";

test("a model, its snapshots and its id with the provider cost the same", () => {
  const gpt52 = { inputPerMillion: 1.75, cachedInputPerMillion: 0.175, outputPerMillion: 14 };
  expect(priceOf("gpt-5.2")).toMatchObject(gpt52);
  expect(priceOf("openai:gpt-5.2-2025-12-11")).toMatchObject(gpt52);
  expect(priceOf("openai:gpt-5-mini-2025-08-07")).toMatchObject({ inputPerMillion: 0.25, outputPerMillion: 2 });
  expect(priceOf("tinker:openai/gpt-oss-20b")).toMatchObject({ inputPerMillion: 0.18, cachedInputPerMillion: 0.036 });
});

test.each(["engine:tiny", "vllm:gpt-5.2", "gpt-9", "constructor", "openai:gpt-5.2-pro", "tinker:constructor"])(
  "the price of %s is not known",
  (id) => {
    expect(priceOf(id)).toBeUndefined();
  },
);

test("every row says when and where its price stood, and none gives its cache away or dearer than the rest", () => {
  for (const { asOf, source, inputPerMillion, cachedInputPerMillion, outputPerMillion } of Object.values(PRICES)) {
    expect(asOf).toMatch(/^2026-\d\d-\d\d$/);
    expect(source).toMatch(/https:/);
    expect(cachedInputPerMillion).toBeGreaterThan(0);
    expect(cachedInputPerMillion).toBeLessThan(inputPerMillion);
    expect(inputPerMillion).toBeLessThan(outputPerMillion);
  }
});

test("a price file gives prices to any model, and comes before the table", () => {
  const file = {
    as_of: "2026-11-01",
    prices: {
      "openai:gpt-5.2": { input_per_million: 1, output_per_million: 2, source: "our contract" },
      "vllm:org/name": {
        input_per_million: 0,
        cached_input_per_million: 0,
        output_per_million: 0.5,
        train_per_million: 3,
      },
    },
  };
  const own = parsePrices(JSON.stringify(file), "prices.json");
  expect(priceOf("gpt-5.2", own)).toEqual({
    inputPerMillion: 1,
    outputPerMillion: 2,
    asOf: "2026-11-01",
    source: "our contract",
  });
  expect(priceOf("gpt-5.2-2025-12-11", own)).toBeUndefined();
  expect(priceOf("openai:gpt-5.2-2025-12-11", own)).toMatchObject({ outputPerMillion: 2 });
  expect(priceOf("vllm:org/name", own)).toEqual({
    inputPerMillion: 0,
    cachedInputPerMillion: 0,
    outputPerMillion: 0.5,
    trainPerMillion: 3,
    asOf: "2026-11-01",
    source: "prices.json",
  });
  expect(priceOf("openai:gpt-5-mini", own)).toMatchObject({ outputPerMillion: 2 });
});

const good = { input_per_million: 1, output_per_million: 2 };
test.each<[string, unknown, RegExp]>([
  ["no JSON", "{", /p\.json is not JSON/],
  ["a list", [], /p\.json: .*object/],
  ["no prices", {}, /p\.json: prices: /],
  [
    "a negative price",
    { prices: { "gpt-5.2": { ...good, input_per_million: -1 } } },
    /prices > gpt-5\.2 > input_per_million/,
  ],
  [
    "a price in words",
    { prices: { "gpt-5.2": { ...good, output_per_million: "2" } } },
    /gpt-5\.2 > output_per_million.*number/,
  ],
  ["a misspelt field", { prices: { "gpt-5.2": { ...good, cached: 1 } } }, /gpt-5\.2.*"cached"/],
  ["a model that is none", { prices: { "gpt-5.3": good } }, /prices > gpt-5\.3: unknown model.*did you mean gpt-5\.2/],
  [
    "a model twice",
    { prices: { "gpt-5.2": good, "openai:gpt-5.2": good } },
    /openai:gpt-5\.2: gpt-5\.2 has a price already/,
  ],
  ["a day that is none", { as_of: "2026-13-01", prices: {} }, /as_of/],
])("%s is refused by file, model and field", (_, content, message) => {
  const text = typeof content === "string" ? content : JSON.stringify(content);
  expect(() => parsePrices(text, "p.json")).toThrow(UsageError);
  expect(() => parsePrices(text, "p.json")).toThrow(message);
});
