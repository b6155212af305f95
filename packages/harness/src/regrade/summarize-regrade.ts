import { cohenKappa, wilsonInterval } from "@pka/stats";
import type { RateSummary } from "../compare/summarize-results.js";
import { RESULT_METRICS, type ResultMetric } from "../result/result-row.js";
import type { Extraction } from "../verdict.js";
import type { GraderVerdicts } from "./graders.js";
import type { RegradedFile } from "./regrade-file.js";

/** Stands for the verdicts that the file holds, among the names of graders. */
const STORED = "stored";

/** How often one grader says yes. */
export interface GraderSummary {
  readonly name: string;
  readonly rule: "stored" | "paper" | "repaired";
  /** Over the rows that it could judge. */
  readonly metrics: Readonly<Partial<Record<ResultMetric, RateSummary>>>;
  /** Rows that lack what it looks at. */
  readonly numNotGraded: number;
}

/** How far two graders agree on the rows that both judged. */
export interface GraderAgreement {
  readonly metric: ResultMetric;
  readonly graders: readonly [string, string];
  readonly numRows: number;
  readonly numDisagreements: number;
  /** Cohen's kappa; `null` where both gave one verdict only. */
  readonly kappa: number | null;
}

/** A row on which not all graders say the same. */
export interface Disagreement {
  /** 0-based position in the file. */
  readonly row: number;
  readonly question: string | null;
  readonly metric: ResultMetric;
  /** By grader. */
  readonly verdicts: Readonly<Record<string, boolean>>;
}

/** All graders on one file, in numbers. */
export interface RegradeSummary {
  readonly path: string;
  readonly numRows: number;
  readonly extraction: Extraction | null;
  readonly numExtractedOtherwise: number;
  readonly withoutGrader: readonly string[];
  /** The verdicts in the file first, where it has any. */
  readonly graders: readonly GraderSummary[];
  readonly agreement: readonly GraderAgreement[];
  readonly disagreements: readonly Disagreement[];
  /** 0-based positions of rows whose verdict in the file is not what the paper's grader of that file says now. */
  readonly storedOtherwise: Readonly<Partial<Record<ResultMetric, readonly number[]>>>;
}

/** Rates, agreement and disagreements of the graders of one file. @param confidence - Of Wilson's intervals. Default 0.95. */
export function summarizeRegrade(file: RegradedFile, confidence = 0.95): RegradeSummary {
  const { path, rows, extraction, numExtractedOtherwise, withoutGrader, task } = file;
  const regraded = file.graders.map(({ grader: { name, rule, metrics }, verdicts }) => ({
    name,
    rule,
    metrics,
    verdicts,
  }));
  const inFile = RESULT_METRICS.map(([metric]) => metric).filter(
    (metric) =>
      regraded.some(({ metrics }) => metrics.includes(metric)) && rows.some((row) => row.metrics[metric] !== undefined),
  );
  const stored = { name: STORED, rule: "stored" as const, metrics: inFile, verdicts: rows.map((row) => row.metrics) };
  const graders = inFile.length === 0 ? regraded : [stored, ...regraded];
  const metrics = RESULT_METRICS.map(([metric]) => metric).filter((m) =>
    graders.some((one) => one.metrics.includes(m)),
  );

  const agreement: GraderAgreement[] = [];
  const disagreements: Disagreement[] = [];
  for (const metric of metrics) {
    const judges = graders.filter((one) => one.metrics.includes(metric));
    for (const [i, first] of judges.entries()) {
      for (const second of judges.slice(i + 1)) agreement.push(agreementOf(metric, first, second));
    }
    for (const { index, question } of rows) {
      const verdicts: Record<string, boolean> = {};
      for (const { name, verdicts: given } of judges) {
        const verdict = given[index]?.[metric];
        if (verdict !== undefined) verdicts[name] = verdict;
      }
      if (new Set(Object.values(verdicts)).size > 1) disagreements.push({ row: index, question, metric, verdicts });
    }
  }

  const ofTheFile = regraded.find(({ name }) => name === (task === "math" ? "math" : "eval"));
  const storedOtherwise: Partial<Record<ResultMetric, number[]>> = {};
  for (const metric of inFile) {
    storedOtherwise[metric] = rows
      .filter(({ index, metrics: own }) => differ(own[metric], ofTheFile?.verdicts[index]?.[metric]))
      .map(({ index }) => index);
  }
  return {
    path,
    numRows: rows.length,
    extraction,
    numExtractedOtherwise,
    withoutGrader,
    graders: graders.map((one) => graderSummary(one, confidence)),
    agreement,
    disagreements,
    storedOtherwise,
  };
}

interface Judge {
  readonly name: string;
  readonly rule: GraderSummary["rule"];
  readonly metrics: readonly ResultMetric[];
  readonly verdicts: readonly (GraderVerdicts | undefined)[];
}

function graderSummary({ name, rule, metrics: said, verdicts }: Judge, confidence: number): GraderSummary {
  const metrics: Partial<Record<ResultMetric, RateSummary>> = {};
  let most = 0;
  for (const metric of said) {
    const judged = verdicts.map((given) => given?.[metric]).filter((verdict) => verdict !== undefined);
    if (judged.length === 0) continue;
    most = Math.max(most, judged.length);
    const successes = judged.filter(Boolean).length;
    metrics[metric] = {
      successes,
      numRows: judged.length,
      rate: successes / judged.length,
      interval: wilsonInterval(successes, judged.length, confidence),
    };
  }
  return { name, rule, metrics, numNotGraded: verdicts.length - most };
}

function agreementOf(metric: ResultMetric, first: Judge, second: Judge): GraderAgreement {
  const ours: boolean[] = [];
  const theirs: boolean[] = [];
  for (const [row, given] of first.verdicts.entries()) {
    const one = given?.[metric];
    const other = second.verdicts[row]?.[metric];
    if (one === undefined || other === undefined) continue;
    ours.push(one);
    theirs.push(other);
  }
  return {
    metric,
    graders: [first.name, second.name],
    numRows: ours.length,
    numDisagreements: ours.filter((verdict, i) => verdict !== theirs[i]).length,
    kappa: ours.length === 0 ? null : cohenKappa(ours, theirs).kappa,
  };
}

function differ(first: boolean | undefined, second: boolean | undefined): boolean {
  return first !== undefined && second !== undefined && first !== second;
}
