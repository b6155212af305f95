import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { UsageError } from "@pka/core";
import { averagesJson, measureThinking, OutputError, type ThinkingReport } from "@pka/harness";
import { parseModelType } from "@pka/thinking-tokens";
import { readEnvironment } from "./environment.js";
import { EXIT } from "./exit-codes.js";
import { printThinking, thinkingJson } from "./print-thinking.js";
import { Stderr } from "./stderr.js";
import { openThoughtLength } from "./open-thought-length.js";
import { printJson } from "./print-json.js";

/** `pka thinking`. Resolves to the exit code. */
export async function runThinking(
  input: string,
  options: { modelType?: string; tokenizer?: string | false; output?: string; json?: true },
): Promise<number> {
  const { tokenizer, output, json } = options;
  const stderr = new Stderr();
  const environment = readEnvironment();
  const modelType = options.modelType === undefined ? undefined : parseModelType(options.modelType);
  let counted: string | undefined;
  const reports: ThinkingReport[] = [];
  const measuring = measureThinking(input, {
    modelType,
    openLength: (type) => {
      if (typeof tokenizer === "string" && counted !== undefined) {
        throw new UsageError(
          `--tokenizer counts one model, and there is ${type} beside ${counted}: add --model-type, or name one file`,
        );
      }
      counted = type;
      return openThoughtLength(type, tokenizer, environment);
    },
  });
  for await (const report of measuring) {
    reports.push(report);
    if (report.type === "skipped") stderr.warn(`${report.key} skipped: ${report.reason}`);
    else if (report.type === "failed") stderr.error(report.error.message);
    else for (const warning of warningsOf(report)) stderr.warn(`${report.key}: ${warning}`);
  }
  const measured = reports.filter((report) => report.type === "measured");
  const unit = tokenizer === false ? "characters" : "tokens";
  if (output !== undefined) await write(output, averagesJson(measured));
  if (json) printJson(thinkingJson(reports, unit));
  else if (measured.length > 0) printThinking(measured, unit);
  if (measured.length === 0) stderr.error(`${input}: nothing was measured`);
  return measured.length === 0 || reports.some(({ type }) => type === "failed") ? EXIT.failed : EXIT.done;
}

function* warningsOf(report: Extract<ThinkingReport, { type: "measured" }>): Generator<string> {
  const { numWithoutText, refined, refinedPath, key } = report;
  if (numWithoutText > 0) yield `${numWithoutText} rows have no completion and count as empty ones`;
  if (key.includes("no_thinking") && report.summary.states.unclosed > 0 && report.modelType !== "gpt-oss-20b") {
    yield "asked without thinking, so what is counted as thinking is the answer, as in the paper's script";
  }
  if (refined === null) return;
  const { missing, surplus, otherQuestion } = refined;
  if (missing + surplus > 0) yield `${refinedPath} has ${missing} rows less and ${surplus} more`;
  if (otherQuestion > 0)
    yield `${refinedPath} has ${otherQuestion} rows about another question than the row they stand for`;
}

async function write(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  } catch (error) {
    throw new OutputError(path, "cannot write the averages", error);
  }
}
