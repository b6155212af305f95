import { writeFile } from "node:fs/promises";
import { messageOf, PkaError } from "@pka/core";
import { createReport, type Report, type ReportFormat } from "@pka/report";
import { EXIT } from "./exit-codes.js";
import { printable, Stderr } from "./stderr.js";
import { printJson } from "./print-json.js";

/** `pka report`. Resolves to the exit code. */
export async function runReport(
  folder: string,
  options: {
    readonly format: ReportFormat;
    readonly output?: string | undefined;
    readonly title?: string | undefined;
    readonly maxChars: number;
    readonly maxMb: number;
    readonly json?: true | undefined;
  },
): Promise<number> {
  const { format, title, maxChars, maxMb, json } = options;
  const stderr = new Stderr();
  const report = await createReport({
    folder,
    format,
    maxChars,
    maxBytes: maxMb * 1e6,
    ...(title === undefined ? {} : { title }),
    onFile: (file, index, total) => {
      if (process.stderr.isTTY) stderr.line(`reading ${index + 1}/${total} ${printable(file)}`);
    },
  });
  stderr.clearLine();
  for (const { file, message, severity } of report.data.problems) {
    const line = `${file}: ${message}`;
    if (severity === "error") stderr.error(line);
    else stderr.warn(line);
  }

  const output = options.output ?? (format === "html" ? "report.html" : "-");
  if (output === "-") process.stdout.write(report.text);
  else {
    await write(output, report.text);
    if (json) printJson(documentOf(output, format, report));
    else {
      console.log(output);
      if (format === "html" && report.maxChars < maxChars) {
        stderr.info(
          `texts are cut at ${report.maxChars} characters to keep the file at ${maxMb} MB; --max-mb changes that`,
        );
      }
    }
  }
  return report.data.problems.some(({ severity }) => severity === "error") ? EXIT.failed : EXIT.done;
}

function documentOf(output: string, format: ReportFormat, { text, data, maxChars }: Report) {
  const { runs, problems } = data;
  const bytes = Buffer.byteLength(text);
  return { schema: 1, command: "report", output, format, bytes, maxChars, runs: runs.length, problems };
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new ReportWriteError(path, error);
  }
}

class ReportWriteError extends PkaError {
  readonly code = "report_write";

  constructor(path: string, cause: unknown) {
    super(`${path}: cannot write the report: ${messageOf(cause)}`, { cause });
  }
}
