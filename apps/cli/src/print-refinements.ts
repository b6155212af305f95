import { basename } from "node:path";
import type { AuditEntry, RefineAudit, RefineReport } from "@pka/harness";
import { describeSpend } from "./describe-spend.js";
import { percent, percentInterval, table } from "./format.js";
import { type Spending, spendingFields } from "./spending.js";
import { printable } from "./stderr.js";

const AUDIT_WORDS: Readonly<Record<keyof RefineAudit, string>> = {
  changed: "answers changed",
  missesTurnedHits: "misses turned into hits",
  hitsTurnedMisses: "hits turned into misses",
  refusals: "refusals",
  leaks: 'labels "Refined Answer:" left in',
  empty: "empty",
  truncated: "cut by a token limit",
};

/** Results to stdout: a table for people, or one JSON document of a stable schema. */
export function printRefinements(
  judge: string,
  reports: readonly RefineReport[],
  spending: Spending,
  asJson: boolean,
): void {
  if (asJson) {
    const document = { schema: 1, command: "refine", judge, refinements: reports, ...spendingFields(spending) };
    console.log(JSON.stringify(document, null, 2));
    return;
  }
  const head = [
    "file",
    "rows",
    "refined",
    "skipped",
    "unrefined",
    "Ex-Recall",
    "of completed",
    "95 % interval",
    "bounds",
  ];
  console.log(table(head, reports.map(rowOf)));
  for (const { sourcePath, resultPath, resultWritten, spend, summary } of reports) {
    const { audit, errors, notAsked, reused, total } = summary;
    const label = reports.length > 1 ? `${printable(basename(sourcePath))}: ` : "";
    if (errors + notAsked > 0) {
      const counts = `${errors} failed, ${notAsked} not asked`;
      console.log(`${label}of ${total} rows: ${counts}; "Ex-Recall" counts them as misses, as the paper does`);
    }
    if (reused > 0) console.log(`${label}${reused} rows share the reply to an equal answer`);
    for (const [name, entry] of Object.entries(audit)) {
      if (entry.count > 0) console.log(`${label}${describe(AUDIT_WORDS[name as keyof RefineAudit], entry)}`);
    }
    const spent = describeSpend(spend);
    if (spent !== undefined) console.log(`${label}${spent}`);
    if (resultWritten) console.log(`${label}${printable(resultPath)}`);
  }
}

function rowOf({ sourcePath, summary }: RefineReport): string[] {
  const { total, refined, skipped, recall, recallUnrefined } = summary;
  return [
    printable(basename(sourcePath)),
    String(total),
    String(refined),
    String(skipped),
    percent(recallUnrefined.rateOfAll),
    percent(recall.rateOfAll),
    recall.rateOfCompleted === null ? "–" : percent(recall.rateOfCompleted),
    recall.interval === null ? "–" : percentInterval(recall.interval),
    percentInterval(recall.bounds),
  ];
}

function describe(words: string, { count, rows }: AuditEntry): string {
  return `${words}: ${count} (rows ${rows.join(", ")}${rows.length < count ? ", …" : ""})`;
}
