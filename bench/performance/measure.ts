// What the measurements of `table.ts` share.
import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const PYTHON = process.env["PYTHON"] ?? "python3";
export const LM_EVAL = process.env["LM_EVAL"] ?? join(dirname(PYTHON), "lm_eval");
const PKA = join(ROOT, "apps/cli/dist/main.js");

/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly ours: string;
  readonly peer: string;
  readonly ratio: string;
  readonly target: string;
  readonly isMet: boolean;
  /** Why a target may be missed. */
  readonly why?: string;
}

export interface Measured {
  readonly seconds: number;
  readonly rows?: number;
  readonly version?: string;
  readonly perSecond?: number;
}

/** The fastest of several turns of each of two measurements. */
export async function inTurns<A extends { seconds: number }, B extends { seconds: number }>(
  turns: number,
  first: () => Promise<A>,
  second: () => Promise<B>,
): Promise<[A, B]> {
  const firsts: A[] = [];
  const seconds: B[] = [];
  for (let turn = 0; turn < turns; turn++) {
    firsts.push(await first());
    seconds.push(await second());
  }
  const fastest = <T extends { seconds: number }>(all: readonly T[]) =>
    all.toSorted((a, b) => a.seconds - b.seconds)[0]!;
  return [fastest(firsts), fastest(seconds)];
}

export async function pka(...args: readonly (string | number)[]): Promise<void> {
  await run(process.execPath, [PKA, ...args]);
}

export async function run(
  program: string,
  args: readonly (string | number)[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ stdout: string }> {
  return promisify(execFile)(program, args.map(String), {
    cwd: ROOT,
    env: { ...process.env, ...env },
    maxBuffer: 2 ** 28,
  });
}

export async function wallSeconds(call: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await call();
  return (performance.now() - start) / 1000;
}

export function fasterThan(ratio: number, target: number): Pick<Row, "ratio" | "target" | "isMet"> {
  const digits = ratio < 10 ? 1 : 0;
  return {
    ratio: `${ratio.toFixed(digits)} × ${ratio < 1 ? "its speed" : "faster"}`,
    target: target === 1 ? "no slower" : `≥ ${target} ×`,
    isMet: ratio >= target,
  };
}

export function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}

export function ms(seconds: number): string {
  return `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
}
