import { compareGraders, type RegradedFile, regradeFile, type RegradeOptions, summarizeRegrade } from "@pka/harness";
import { printGrades } from "./print-grades.js";
import { Stderr } from "./stderr.js";
import { warnAboutFile } from "./warn-about-file.js";

export interface GradeFlags {
  readonly extraction?: NonNullable<RegradeOptions["extraction"]>;
  readonly alpha: number;
  readonly confidenceLevel: number;
  readonly json?: true;
}

/** `pka grade`. */
export async function runGrade(paths: readonly string[], flags: GradeFlags): Promise<void> {
  const { extraction, alpha, confidenceLevel: confidence } = flags;
  const stderr = new Stderr();
  const files: RegradedFile[] = [];
  for (const path of paths) {
    const file = await regradeFile(path, extraction === undefined ? {} : { extraction });
    warnAboutFile(file, stderr);
    files.push(file);
  }
  const [first, ...others] = files;
  const comparisons = first ? others.map((file) => compareGraders(first, file, { alpha, confidence })) : [];
  printGrades(
    files.map((file) => summarizeRegrade(file, confidence)),
    comparisons,
    flags,
  );
}
