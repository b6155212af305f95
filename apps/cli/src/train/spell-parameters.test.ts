import { expect, test } from "vitest";
import { spellTrainArguments } from "../commands/train.js";
import { spellParameters } from "./spell-parameters.js";

const OPTIONS = [
  { long: "--log-path", required: true },
  { long: "--batch-size", required: true },
  { long: "--engine", required: false },
];

test.each([
  { name: "name=value", given: ["batch_size=4"], expected: ["--batch-size=4"] },
  { name: "config.name=value", given: ["config.batch_size=4"], expected: ["--batch-size=4"] },
  { name: "--config.name=value", given: ["--config.batch_size=4"], expected: ["--batch-size=4"] },
  { name: "--name value", given: ["--batch_size", "4"], expected: ["--batch_size", "4"] },
  { name: "a value with an equals sign", given: ["--log-path", "a=b"], expected: ["--log-path", "a=b"] },
  { name: "a value with a second equals sign", given: ["log_path=runs/a=b"], expected: ["--log-path=runs/a=b"] },
  {
    name: "a parameter after a flag whose value is optional",
    given: ["--engine", "batch_size=4"],
    expected: ["--engine", "--batch-size=4"],
  },
  { name: "a path", given: ["--engine", "a/b.safetensors"], expected: ["--engine", "a/b.safetensors"] },
])("spellParameters: $name", ({ given, expected }) => {
  expect(spellParameters(given, OPTIONS)).toEqual(expected);
});

test("other commands keep their arguments", () => {
  expect(spellTrainArguments(["eval", "a=b"])).toEqual(["eval", "a=b"]);
  expect(spellTrainArguments(["train", "sft", "a=b"])).toEqual(["train", "sft", "--a=b"]);
});
