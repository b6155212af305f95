import type { DownloadProgress } from "@pka/datasets";
import type { Budget, RunProgress } from "@pka/harness";
import { dollars } from "./describe-spend.js";
import type { Stderr } from "./stderr.js";

const REDRAW_MS = 100;
const PLAIN_LINE_MS = 15_000;

/** A bar on a terminal; elsewhere a plain line at the start, every 15 seconds and at the end. */
export function showProgress(label: string, stderr: Stderr, budget?: Budget): (progress: RunProgress) => void {
  const isTerminal = process.stderr.isTTY;
  const interval = isTerminal ? REDRAW_MS : PLAIN_LINE_MS;
  let last = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const isLast = progress.done === progress.total;
    if (progress.elapsedMs - last < interval && !isLast) return;
    last = progress.elapsedMs;
    const text = `${label} ${describe(progress, budget)}`;
    if (isTerminal) stderr.line(`${bar(progress.done / progress.total)} ${text}`);
    else stderr.info(text);
  };
}

function bar(fraction: number): string {
  const width = 24;
  const filled = Math.round(width * Math.min(1, fraction || 0));
  return "█".repeat(filled) + "░".repeat(width - filled);
}

function describe(progress: RunProgress, budget: Budget | undefined): string {
  const { done, total, resumed, errors, completionTokens, spend, elapsedMs } = progress;
  const rate = (done - resumed) / (elapsedMs / 1000);
  const parts = [`${done}/${total}`];
  if (rate > 0 && Number.isFinite(rate)) {
    parts.push(`${rate.toFixed(rate < 10 ? 1 : 0)}/s`);
    if (done < total) parts.push(`${duration((total - done) / rate)} left`);
  }
  if (resumed > 0) parts.push(`${resumed} from before`);
  if (errors > 0) parts.push(`${errors} ${errors === 1 ? "error" : "errors"}`);
  if (completionTokens > 0) parts.push(`${completionTokens.toLocaleString("en")} tokens`);
  if (spend.possiblyBilled > 0) parts.push(`${spend.possiblyBilled} possibly billed`);
  parts.push(...describeMoney(spend, budget));
  return parts.join(" · ");
}

/** Of the whole command where it has a cap, else of this run. */
function describeMoney({ costUsd }: RunProgress["spend"], budget: Budget | undefined): string[] {
  if (budget === undefined) return costUsd === null ? [] : [dollars(costUsd)];
  const { usd, tokens } = budget.limits;
  return [
    ...(costUsd === null ? [] : [`${dollars(budget.spentUsd)}${usd === undefined ? "" : ` of $${usd}`}`]),
    ...(tokens === undefined
      ? []
      : [`${budget.spentTokens.toLocaleString("en")} of ${tokens.toLocaleString("en")} tokens`]),
  ];
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** How far a download has come; on a terminal only. */
export function showDownload(stderr: Stderr): (progress: DownloadProgress) => void {
  return ({ file, doneBytes, totalBytes }) => {
    if (!process.stderr.isTTY) return;
    const total = totalBytes === null ? "" : ` of ${megabytes(totalBytes)}`;
    stderr.line(`${file} ${megabytes(doneBytes)}${total} MB`);
  };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
