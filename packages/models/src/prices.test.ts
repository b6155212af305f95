import { expect, test } from "vitest";
import { priceOf } from "./prices.js";

test("a model, its snapshots and its id with the provider cost the same", () => {
  expect(priceOf("gpt-5.2")).toEqual({ inputPerMillion: 1.75, outputPerMillion: 14 });
  expect(priceOf("openai:gpt-5-mini-2025-08-07")).toEqual({ inputPerMillion: 0.25, outputPerMillion: 2 });
});

test.each(["engine:tiny", "vllm:gpt-5.2", "gpt-9", "constructor", "gpt-5.2-pro"])(
  "the price of %s is not known",
  (id) => {
    expect(priceOf(id)).toBeUndefined();
  },
);
