import { gradeRefinedAnswer } from "@pka/grading";
import type { RefinedRow } from "./refined-rows.js";

/** Rows that have something in common. */
export interface AuditEntry {
  readonly count: number;
  /** 0-based positions of the first of them in the file, at most 5. */
  readonly rows: readonly number[];
}

/** What the judge did to the answers, beside what the paper's file says. Rows without a reply are in none of these. */
export interface RefineAudit {
  /** The refined answer differs from the answer. */
  readonly changed: AuditEntry;
  /** Recalled after refinement, by the same rule not before. */
  readonly missesTurnedHits: AuditEntry;
  /** Recalled before refinement, by the same rule not after. */
  readonly hitsTurnedMisses: AuditEntry;
  /** The judge declined: the provider says so, or the refined answer begins with an apology and the answer holds none. */
  readonly refusals: AuditEntry;
  /** "Refined Answer:", the label that ends the prompt, stands in the refined answer and not in the answer. */
  readonly leaks: AuditEntry;
  /** The judge wrote nothing. */
  readonly empty: AuditEntry;
  /** The judge's reply was cut by a token limit. */
  readonly truncated: AuditEntry;
}

const MAX_ROWS = 5;
const LABEL = /refined answer:/i;
const APOLOGY =
  /i['’]m (?:very |really )?sorry|i am sorry|sorry,|i can(?:['’]t|not| not) (?:help|assist|provide|answer)/i;
const STARTS_WITH_APOLOGY = new RegExp(`^(?:${LABEL.source}\\s*)?(?:${APOLOGY.source})`, "i");

type Refined = Extract<RefinedRow, { state: "refined" }>;

const RULES: { readonly [Name in keyof RefineAudit]: (row: Refined, wasRecalled: boolean) => boolean } = {
  changed: ({ extracted, refined }) => refined !== extracted,
  missesTurnedHits: ({ recalled }, wasRecalled) => recalled && !wasRecalled,
  hitsTurnedMisses: ({ recalled }, wasRecalled) => !recalled && wasRecalled,
  refusals: ({ finishReason, extracted, refined }) =>
    finishReason === "refusal" || (STARTS_WITH_APOLOGY.test(refined) && !APOLOGY.test(extracted)),
  leaks: ({ extracted, refined }) => LABEL.test(refined) && !LABEL.test(extracted),
  empty: ({ refined }) => refined === "",
  truncated: ({ finishReason }) => finishReason === "length",
};

const AUDIT_NAMES = Object.keys(RULES) as readonly (keyof RefineAudit)[];

/** Takes the rows of a file one by one. */
export class AuditTally {
  readonly #entries = Object.fromEntries(AUDIT_NAMES.map((name) => [name, { count: 0, rows: [] }])) as unknown as {
    readonly [Name in keyof RefineAudit]: { count: number; readonly rows: number[] };
  };

  add(row: Refined): void {
    const wasRecalled = isRecalledUnrefined(row);
    for (const name of AUDIT_NAMES) {
      if (!RULES[name](row, wasRecalled)) continue;
      const entry = this.#entries[name];
      entry.count += 1;
      if (entry.rows.length < MAX_ROWS) entry.rows.push(row.index);
    }
  }

  get audit(): RefineAudit {
    return this.#entries;
  }
}

/** Would Ex-Recall's rule recall the answer as it was extracted? */
export function isRecalledUnrefined({ extracted, answers }: Pick<RefinedRow, "extracted" | "answers">): boolean {
  return gradeRefinedAnswer({ extracted, refined: extracted, answers }).recalled;
}
