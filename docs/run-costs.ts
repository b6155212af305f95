import { refinePrompt } from "@pka/grading";
import { forEachResultRow } from "@pka/harness";
import { paperMessages, priceOf } from "@pka/models";
import { harmonyRenderer, loadHarmonyTokenizer } from "@pka/renderers";
import { markdownTable } from "./markdown-table.js";
import { traceOf } from "./shared-data.js";

/** Seconds that an answer is taken to last where hours are estimated, and questions in flight at once (`--concurrency`). */
const SECONDS = 10;
const CONCURRENCY = 16;

const JUDGE = "openai:gpt-5-mini-2025-08-07";
const QUESTIONS = { triviaqa: 17_944, nq: 3_610, hotpotqa: 7_405, simpleqa: 4_326, strategyqa: 2_061 } as const;

/** What a published file took: tokens in and out. */
interface Usage {
  readonly rows: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/**
 * The tables of costs in the guide to the paper, computed from the token counts in the paper's files. Needs the shared data.
 * Prompts are rendered and counted anew: the files do not hold their number.
 */
export async function runCosts(): Promise<string> {
  const tokenizer = await loadHarmonyTokenizer();
  const count = (text: string) => tokenizer.encode(text).length;
  const harmony = harmonyRenderer(tokenizer, { date: "2026-01-31" });
  const asked = (question: string) => ({ task: "qa", question, cues: false }) as const;

  // gpt-5.2 stores its total: what is not prompt is reasoning and answer.
  const gpt52 = await usageOf("NQ/gpt-5.2/nq_gpt52_no_cues.json", ({ question, numTokens }) => {
    const prompt = count(
      paperMessages("user", asked(question))
        .map(({ content }) => content)
        .join("\n"),
    );
    return [prompt, Math.max(0, numTokens - prompt)];
  });
  const gptOss = (file: string, thinking: boolean) =>
    usageOf(file, ({ question, numTokens }) => [
      harmony.buildGenerationPrompt(paperMessages("system", asked(question)), { thinking }).length,
      numTokens,
    ]);
  const ossDirect = await gptOss("NQ/gpt-oss-20b/nq_gptoss20b_no_cues_no_thinking.json", false);
  const ossThinking = await gptOss("StrategyQA/gpt-oss-20b/strategyqa_gptoss20b_no_cues_with_thinking.json", true);
  const judge = await usageOf("NQ/gpt-5.2/ex_nq_gpt52_no_cues.json", ({ prediction, refined }) =>
    prediction === "" ? [0, 0] : [count(refinePrompt(prediction)), count(refined)],
  );

  return `${markdownTable(
    ["run", "answers", "prompt tokens", "completion tokens", "list price", `hours at ${SECONDS} s`],
    [
      ["gpt-5.2 on NQ", ...cellsOf(gpt52, "gpt-5.2")],
      ["gpt-oss-20b on NQ, no thinking", ...cellsOf(ossDirect, "gpt-oss-20b")],
      ["gpt-oss-20b on StrategyQA, thinking", ...cellsOf(ossThinking, "gpt-oss-20b")],
      ["Ex-Recall of gpt-5.2 on NQ, without the judge's reasoning", ...cellsOf(judge, JUDGE)],
    ],
  )}

At the same cost per question as on NQ, gpt-5.2 and the prompts and replies of the judge come to:

${markdownTable(
  ["dataset", "questions", "gpt-5.2", "Ex-Recall", `hours at ${SECONDS} s`],
  Object.entries(QUESTIONS).map(([dataset, questions]) => [
    dataset,
    questions.toLocaleString("en-US"),
    dollars((costOf(gpt52, "gpt-5.2")! * questions) / gpt52.rows),
    dollars((costOf(judge, JUDGE)! * questions) / judge.rows),
    hours(questions),
  ]),
)}`;
}

interface Asked {
  readonly question: string;
  readonly numTokens: number;
  readonly prediction: string;
  readonly refined: string;
}

/** Sum tokens in and out over the rows of a published file. */
async function usageOf(file: string, tokensOf: (row: Asked) => [prompt: number, completion: number]): Promise<Usage> {
  let [rows, promptTokens, completionTokens] = [0, 0, 0];
  await forEachResultRow(
    traceOf(file)!,
    ({ question, numTokens, prediction, refined }) => {
      const [prompt, completion] = tokensOf({
        question: question ?? "",
        numTokens: numTokens ?? 0,
        prediction: prediction ?? "",
        refined: refined ?? "",
      });
      rows += 1;
      promptTokens += prompt;
      completionTokens += completion;
    },
    { columns: ["prediction", "refined"] },
  );
  return { rows, promptTokens, completionTokens };
}

function cellsOf(usage: Usage, model: string): string[] {
  const { rows, promptTokens, completionTokens } = usage;
  const cost = costOf(usage, model);
  const numbers = [rows, promptTokens, completionTokens].map((value) => value.toLocaleString("en-US"));
  return [...numbers, cost === undefined ? "not known" : dollars(cost), hours(rows)];
}

function costOf({ promptTokens, completionTokens }: Usage, model: string): number | undefined {
  const price = priceOf(model);
  return price && (promptTokens * price.inputPerMillion + completionTokens * price.outputPerMillion) / 1e6;
}

function dollars(amount: number): string {
  return `$${amount.toFixed(2)}`;
}

function hours(questions: number): string {
  return ((questions * SECONDS) / CONCURRENCY / 3600).toFixed(1);
}
