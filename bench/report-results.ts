import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { Random } from "@pka/core";

const CONDITIONS = [
  { file: "triviaqa_gpt52_no_cues", recall: 0.82, refined: true },
  { file: "triviaqa_gptoss20b_no_cues_no_thinking", recall: 0.4, refined: true },
  { file: "triviaqa_gptoss20b_no_cues_with_thinking", recall: 0.55, refined: true, harmony: true },
  { file: "triviaqa_gptoss20b_with_cues_with_thinking", recall: 0.57, refined: true, harmony: true },
  { file: "triviaqa_gptoss20b_rl1240_no_cues_with_thinking", recall: 0.63, refined: true, harmony: true },
  { file: "triviaqa_olmo3_no_cues_with_thinking", recall: 0.5, think: true },
  { file: "triviaqa_r1qwen_no_cues_with_thinking", recall: 0.14, think: true },
  { file: "triviaqa_r1qwen_no_cues_no_thinking", recall: 0.11 },
];

const SYLLABLES = "ba ce di fo gu ha ki lo mu ne pa qui ro sa ti ul va xe yo zi ar en or is an el ur em".split(" ");

/** As of 18,000 questions, ten million words long would be too even: words follow Zipf's law over a vocabulary of 6,000. */
const NUM_WORDS = 6000;

/**
 * Eight conditions of TriviaQA with invented texts, in the shape and about the length of the paper's, below `folder/results`.
 * The same rows for the same number on every machine.
 */
export function writeResults(folder: string, numRows: number): void {
  const random = new Random(7);
  const words = Array.from({ length: NUM_WORDS }, () => wordOf(random));
  const sentence = (length: number) =>
    Array.from({ length }, () => words[Math.floor(NUM_WORDS ** random.next()) - 1]!).join(" ");
  const questions = Array.from({ length: numRows }, (_, i) => {
    // One in five repeats an earlier one, as in TriviaQA.
    const from = i > 100 && random.next() < 0.2 ? random.integer(i) : i;
    return { from, text: `which ${sentence(9)}?`, answer: sentence(2), ease: random.next() };
  });
  for (const { file, recall, refined = false, harmony = false, think = false } of CONDITIONS) {
    const base = new ResultWriter(join(folder, "results", "TriviaQA", `${file}.json`));
    const ex = refined ? new ResultWriter(join(folder, "results", "TriviaQA", `ex_${file}.json`)) : null;
    for (const { from } of questions) {
      const { text: question, answer, ease } = questions[from]!;
      const isRight = random.next() < recall * (0.6 + 0.8 * ease);
      const said = isRight ? answer : sentence(2);
      const prediction = random.next() < 0.5 ? said : `It is ${said}, ${sentence(6)}.`;
      const thoughts = sentence(
        Math.round((think ? 180 : 40) * Math.exp(0.6 * random.normal() + (isRight ? 0 : 0.25))),
      );
      const isCut = think && random.next() < 0.04;
      const rest = `<answer>${prediction}</answer>`;
      const raw = harmony
        ? `<|channel|>analysis<|message|>${thoughts}<|end|><|start|>assistant<|channel|>final<|message|>${rest}`
        : think
          ? `${thoughts}${isCut ? "" : `\n</think>\n\n${rest}`}`
          : rest;
      const isRecalled = isRight && !isCut;
      base.add({
        question,
        ground_truth: [answer, answer.toUpperCase()],
        raw_prediction: raw,
        extracted_prediction: isCut ? raw : prediction,
        num_tokens: Math.round(raw.length / 4),
        exact_match: isRecalled && prediction === said,
        recall: isRecalled,
      });
      ex?.add({
        question,
        original_extracted: prediction,
        refined_answer: said,
        ground_truth: [answer],
        recalled: isRecalled && random.next() < 0.97,
        skipped: false,
      });
    }
    base.close();
    ex?.close();
  }
}

class ResultWriter {
  readonly #file: number;
  #text = '{"results": [';
  #isFirst = true;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.#file = openSync(path, "w");
  }

  add(row: unknown): void {
    this.#text += `${this.#isFirst ? "" : ","}\n${JSON.stringify(row)}`;
    this.#isFirst = false;
    if (this.#text.length > 1 << 20) this.#flush();
  }

  close(): void {
    this.#text += "\n]}";
    this.#flush();
    closeSync(this.#file);
  }

  #flush(): void {
    writeSync(this.#file, this.#text);
    this.#text = "";
  }
}

function wordOf(random: Random): string {
  return Array.from({ length: 1 + random.integer(3) }, () => random.pick(SYLLABLES)).join("");
}
