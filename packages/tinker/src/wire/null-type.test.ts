import { expect, test } from "vitest";
import { getInfoResponseSchema, saveWeightsResponseSchema } from "./training-messages.js";

// As TuFT 0.2.2 answers, an independent server.
test("a reply may say that its type is null", () => {
  const path = "tinker://e9ded728/weights/ck2";
  expect(saveWeightsResponseSchema.parse({ path, type: null })).toMatchObject({ path });
  const info = { type: null, model_id: "m", model_data: { arch: "toy-transformer", model_name: "Qwen/Qwen3-0.6B" } };
  expect(getInfoResponseSchema.parse(info)).toMatchObject({ model_id: "m" });
});
