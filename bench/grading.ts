// Grading: rows per second over a result file of the paper, then hostile inputs. Run from the repository's root:
//   node --conditions=@pka/source --import tsx bench/grading.ts
// The result file is read from PKA_SHARED (default ../shared beside the repository). Every figure is the best of several
// rounds, in CPU time of this process, which other programs on the machine disturb least.
import { readShared } from "@pka/fault-kit";
import {
  computeReward,
  extractAnswer,
  gradeAnswer,
  gradeMath,
  gradeRefinedAnswer,
  normalizeAnswer,
} from "@pka/grading";
import { leastCpuSeconds } from "./least.js";

const FILE = "paper-traces/NQ/gpt-5.2/nq_gpt52_no_cues.json.gz";
const TEXTS = ["<", "<answer>", "<answer> </answer>", "</think>", "&", "&amp", "&#1", " ", "_", "a", "the ", "“a "];
const LATEX = [
  "{",
  "}",
  "\\",
  "\\boxed",
  "\\boxed{",
  "\\boxed ",
  "\\frac",
  "\\frac1",
  "\\sqrt1",
  "\\text{ ",
  "\\%",
  "=",
  " .",
];

interface Row {
  readonly raw_prediction: string;
  readonly ground_truth: readonly string[];
}

await throughput();
await hostileInputs();

async function throughput(): Promise<void> {
  const { results }: { results: Row[] } = JSON.parse(readShared(FILE).toString());
  const rows = results.map(({ raw_prediction: completion, ground_truth: answers }) => {
    return { completion, answers, extracted: extractAnswer(completion) };
  });
  const characters = rows.reduce((sum, { completion }) => sum + completion.length, 0);
  console.log(`${FILE}: ${rows.length} rows of ${Math.round(characters / rows.length)} characters on average`);

  const parts: Record<string, (row: (typeof rows)[number]) => unknown> = {
    extract: ({ completion }) => extractAnswer(completion),
    "normalise prediction and answers": ({ extracted, answers }) => [
      normalizeAnswer(extracted),
      answers.map(normalizeAnswer),
    ],
    "exact match and recall": ({ extracted, answers }) => gradeAnswer(extracted, answers),
    "Ex-Recall": ({ extracted, answers }) => gradeRefinedAnswer({ extracted, refined: extracted, answers }),
    "RL reward": ({ completion, answers }) => computeReward(completion, answers),
  };
  const all = Object.values(parts);
  for (const [name, part] of [
    ...Object.entries(parts),
    ["all of these", (row: (typeof rows)[number]) => all.map((one) => one(row))] as const,
  ]) {
    const seconds = await leastCpuSeconds(15, () => {
      for (const row of rows) part(row);
    });
    console.log(
      `${name.padEnd(34)}${Math.round(rows.length / seconds)
        .toLocaleString("en")
        .padStart(12)} rows/s`,
    );
  }
}

async function hostileInputs(): Promise<void> {
  console.log("\nhostile input, ms               evaluation    Ex-Recall    RL reward         MATH");
  for (const unit of [...TEXTS, ...LATEX]) {
    for (const length of [1e5, 1e6]) {
      const text = unit.repeat(length / unit.length);
      const answers = ["Paris", `${text.slice(0, length / 2)}x`];
      const figures: string[] = [];
      for (const grade of [
        () => gradeAnswer(extractAnswer(text), answers),
        () => gradeRefinedAnswer({ extracted: text, refined: text, answers }),
        () => computeReward(text, answers),
        () => gradeMath(`\\boxed{${text}}`, text),
      ]) {
        figures.push(((await leastCpuSeconds(5, grade)) * 1000).toFixed(1).padStart(13));
      }
      console.log(`${JSON.stringify(unit).padEnd(22)}${`${length / 1000} kB`.padStart(7)}${figures.join("")}`);
    }
  }
}
