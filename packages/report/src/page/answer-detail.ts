import { EMBEDDED_OUTCOMES, type EmbeddedTexts } from "../embedded-format.js";
import { OUTCOME_TITLES } from "../titles.js";
import { element, formatCount } from "./dom.js";
import type { RunAnswers } from "./run-answers.js";

/** Accepted answers shown at once: a question of TriviaQA can have hundreds of spellings. */
const MAX_GOLD = 12;

/** One answer in full: question, accepted answers, and of each run its verdicts, its thinking and its answer side by side. */
export function answerDetail(shown: readonly { readonly answers: RunAnswers; readonly row: number }[]): Node[] {
  const [first] = shown;
  const [question, gold] = first!.answers.question(first!.row);
  return [
    element("h3", { id: "detail-question", tabindex: "-1", dir: "auto" }, question),
    element("p", { class: "gold" }, element("span", { class: "key" }, "Accepted: "), ...goldNodes(gold)),
    ...shown.map(({ answers, row }) => runDetail(answers, row, shown.length > 1)),
  ];
}

/** ✓, ✗ or – with a word for it. */
export function verdictMark(isRight: boolean | undefined, label: string): HTMLElement {
  const [className, sign, word] =
    isRight === undefined ? ["none", "–", "no verdict"] : isRight ? ["right", "✓", "right"] : ["wrong", "✗", "wrong"];
  return element(
    "span",
    { class: `mark ${className}` },
    element("span", { "aria-hidden": "true" }, sign),
    element("span", { class: "sr" }, `${label}${word} `),
  );
}

function goldNodes(gold: readonly string[]): Node[] {
  const shown = gold.slice(0, MAX_GOLD).map((answer) => element("bdi", { class: "answer" }, answer));
  const rest = gold.length - shown.length;
  if (rest > 0) shown.push(element("bdi", {}, `and ${formatCount(rest)} more`));
  return shown.flatMap((node) => [node, document.createTextNode(" ")]);
}

function runDetail(answers: RunAnswers, row: number, isNamed: boolean): HTMLElement {
  const texts = answers.texts(row);
  const outcome = EMBEDDED_OUTCOMES[answers.index.outcome[row]!]!;
  const tokens = answers.index.tokens[row]!;
  const facts = answers.run.metrics.flatMap((title, metric) => {
    const isRight = answers.isRight(row, metric);
    if (title === null) return [];
    return [element("li", {}, verdictMark(isRight, ""), title)];
  });
  facts.push(element("li", {}, OUTCOME_TITLES[outcome]));
  if (tokens >= 0) facts.push(element("li", {}, `${formatCount(tokens)} tokens`));
  return element(
    "section",
    { class: "run-detail", "aria-label": answers.run.title },
    isNamed && element("h4", {}, answers.run.title),
    element("ul", { class: "facts" }, ...facts),
    ...(texts === undefined ? [element("p", {}, "Unpacking …")] : textNodes(texts, outcome === "error")),
  );
}

function textNodes([thinking, answer, prediction, refined, cut]: EmbeddedTexts, isError: boolean): Node[] {
  const lines = [];
  if (prediction !== null) lines.push(line("Extracted", prediction, cut?.[2]));
  if (typeof refined === "string") lines.push(line("Refined", refined, cut?.[3]));
  if (refined === 0) lines.push(line("Refined", "the same", undefined, "note"));
  return [
    ...(lines.length === 0 ? [] : [element("dl", { class: "extracted" }, ...lines)]),
    element(
      "div",
      { class: thinking === null ? "texts" : "texts both" },
      thinking !== null && block("Thinking", thinking, cut?.[0]),
      block(isError ? "Error" : "Answer", answer, cut?.[1]),
    ),
  ];
}

function line(title: string, text: string, fullLength = 0, className = "text"): HTMLElement {
  return element(
    "div",
    {},
    element("dt", {}, title),
    element("dd", { class: className, dir: "auto" }, text === "" ? "(empty)" : text, cutMark(text, fullLength)),
  );
}

function block(title: string, text: string, fullLength = 0): HTMLElement {
  const size = fullLength || text.length;
  return element(
    "div",
    { class: "block" },
    element("h5", {}, title, element("small", {}, ` ${formatCount(size)} characters`)),
    element(
      "div",
      { class: "text", dir: "auto", tabindex: "0", role: "group", "aria-label": title },
      text === "" ? "(empty)" : text,
      cutMark(text, fullLength),
    ),
  );
}

function cutMark(text: string, fullLength: number): HTMLElement | false {
  if (fullLength === 0) return false;
  return element(
    "span",
    { class: "cut" },
    ` … cut at ${formatCount(text.length)} of ${formatCount(fullLength)} characters`,
  );
}
