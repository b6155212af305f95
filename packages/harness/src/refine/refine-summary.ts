import { type MetricSummary, metricSummary } from "../summary.js";
import { AuditTally, isRecalledUnrefined, type RefineAudit } from "./refine-audit.js";
import type { RefinedRow } from "./refined-rows.js";

/** The refinement of a file in numbers. `total` = `refined` + `skipped` + `errors` + `notAsked`. */
export interface RefineSummary {
  /** Rows of the source. */
  readonly total: number;
  /** Rows with a reply of the judge. */
  readonly refined: number;
  /** Rows from which nothing had been extracted: no request, a miss. */
  readonly skipped: number;
  /** Rows whose last attempt failed. */
  readonly errors: number;
  readonly notAsked: number;
  /** The part of `refined` whose reply was given to an earlier row with the same answer. */
  readonly reused: number;
  /** Ex-Recall. A row is completed when it is refined or skipped. */
  readonly recall: MetricSummary;
  /** The same rule on the answers as they were extracted, over all rows. */
  readonly recallUnrefined: { readonly successes: number; readonly rateOfAll: number };
  readonly audit: RefineAudit;
}

/** The summary of a file as it stands. */
export function summarizeRefinement(rows: Iterable<RefinedRow>): RefineSummary {
  const states = { refined: 0, skipped: 0, error: 0, "not-asked": 0 };
  const tally = new AuditTally();
  let total = 0;
  let reused = 0;
  let recalled = 0;
  let recalledUnrefined = 0;
  let hasSamples = false;
  for (const row of rows) {
    total += 1;
    states[row.state] += 1;
    hasSamples ||= row.sample !== undefined;
    if (row.recalled) recalled += 1;
    if (isRecalledUnrefined(row)) recalledUnrefined += 1;
    if (row.state !== "refined") continue;
    if (row.isReused) reused += 1;
    tally.add(row);
  }
  const { refined, skipped, error: errors, "not-asked": notAsked } = states;
  const completed = refined + skipped;
  return {
    total,
    refined,
    skipped,
    errors,
    notAsked,
    reused,
    recall: metricSummary({ all: recalled, completed: recalled }, { total, completed, isIndependent: !hasSamples }),
    recallUnrefined: { successes: recalledUnrefined, rateOfAll: recalledUnrefined / total },
    audit: tally.audit,
  };
}
