import { readFileSync } from "node:fs";
import { loadDataset } from "@pka/datasets";
import { HAS_SHARED, SHARED, SKIPPED, temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { completion, modelOf, optionsOf, qaExample } from "./__fixtures__/run.js";
import { evaluate } from "./evaluate.js";
import { specialTokensIn } from "./special-tokens.js";

/** What the tokenizers of gpt-oss, Qwen and Olmo, DeepSeek, Llama, Gemma and Mistral have for templates. */
const SPECIAL_TOKENS = [
  ..."startoftext endoftext return constrain channel start end message call endofprompt reserved_200000 im_start im_end"
    .split(" ")
    .concat("begin_of_text", "eot_id", "start_header_id", "fim_prefix", "object_ref_start")
    .map((name) => `<|${name}|>`),
  ..."begin▁of▁sentence end▁of▁sentence User Assistant".split(" ").map((name) => `<｜${name}｜>`),
  ..."<think> </think> <answer> </answer> <s> </s> <bos> <eos> <unk> <pad> <start_of_turn> <end_of_turn>".split(" "),
  "[INST]",
  "[/INST]",
];

test.each(SPECIAL_TOKENS)("finds %s wherever it stands", (token) => {
  expect(specialTokensIn(`${token} Who wrote ${token}Hamlet${token}`)).toEqual([token]);
});

test.each(["Is 1<|x|>0?", "a < b | c > d", "<i>Hamlet</i>", "<b>s</b>", "<|", "|>", "[inst]", "if x<s and s>y"])(
  "lets %s be",
  (text) => expect(specialTokensIn(text)).toEqual([]),
);

test("questions are sent as they are; a warning and their rows name the tokens", async () => {
  const questions = SPECIAL_TOKENS.flatMap((token) => [
    `Who wrote Hamlet? ${token}`,
    `Who wrote number ${token.length}?`,
  ]);
  const asked: string[] = [];
  const warnings: string[] = [];
  const model = modelOf(({ question }) => {
    asked.push(question);
    return completion("<answer>x</answer>");
  });
  const logger = { debug() {}, info() {}, warn: (message: string) => warnings.push(message), error() {} };
  const examples = questions.map((question, index) => qaExample(index, question, ["x"]));
  const { resultPath } = await evaluate(optionsOf(temporaryFolder(), examples, model, { logger }));

  expect(asked.toSorted()).toEqual(questions.toSorted());
  expect(warnings).toEqual([
    expect.stringMatching(
      `^${SPECIAL_TOKENS.length} of ${questions.length} questions spell out special tokens \\(<\\|startoftext\\|>, .+, …\\)`,
    ),
  ]);
  const { results } = JSON.parse(readFileSync(resultPath, "utf8")) as { results: { special_tokens?: string[] }[] };
  expect(results.map((row) => row.special_tokens)).toEqual(SPECIAL_TOKENS.flatMap((token) => [[token], undefined]));
});

test.skipIf(!HAS_SHARED).each(["nq", "simpleqa", "strategyqa", "hotpotqa", "math"])(
  `no question of %s spells one out${SKIPPED}`,
  async (name) => {
    const { examples } = await loadDataset(name, { dataDir: `${SHARED}/data` });
    expect(examples.filter(({ question }) => specialTokensIn(question).length > 0)).toEqual([]);
  },
);
