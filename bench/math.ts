// verifyMath: what it recognises among rewritings of MATH's answers (needs PKA_SHARED), and how long hostile inputs take.
// Run from the repository's root; the number of fuzzed inputs is the argument, 100,000 by default:
//   node --conditions=@pka/source --import tsx bench/math.ts 1000000
// A time is CPU time of this process, which other programs on the machine disturb least. An input over the limit is measured
// again, and its least time counts: a pause of the garbage collector is not the input's.
import { HAS_SHARED } from "@pka/fault-kit";
import { isEquiv } from "@pka/grading";
import { verifyMath } from "@pka/grading/math-verify";
import { DIFFERENT_REWRITINGS } from "../packages/grading/src/math-verify/__fixtures__/different-rewritings.js";
import {
  EQUIVALENT_REWRITINGS,
  type Rewriting,
} from "../packages/grading/src/math-verify/__fixtures__/equivalent-rewritings.js";
import { EXPENSIVE, fuzz, REPEATED } from "../packages/grading/src/math-verify/__fixtures__/fuzz.js";
import { mathAnswers } from "../packages/grading/src/math-verify/__fixtures__/math-answers.js";
import { Random } from "@pka/core";
import { rewrite } from "../packages/grading/src/math-verify/__fixtures__/rewrite.js";
import { leastCpuSeconds } from "./least.js";

const LIMIT_MS = 50;
const LONG = 1e5;

if (HAS_SHARED) await rewritings();
else console.log("rewritings: skipped, PKA_SHARED not found");
await hostileInputs();
await fuzzed(Number(process.argv[2] ?? 100_000));

async function rewritings(): Promise<void> {
  const answers = await mathAnswers();
  for (const [name, kinds] of [
    ["equivalent", EQUIVALENT_REWRITINGS],
    ["different", DIFFERENT_REWRITINGS],
  ] as const) {
    one(`one ${name} rewriting of each answer`, answers, kinds);
    every(`every ${name} rewriting of each answer`, answers, kinds);
  }
}

function one(title: string, answers: readonly string[], kinds: Readonly<Record<string, Rewriting>>): void {
  const random = new Random(20_260);
  const pairs = answers.flatMap((gold) => {
    const found = rewrite(gold, kinds, random);
    return found === undefined ? [] : [[found.rewritten, gold] as const];
  });
  print(title, pairs);
}

function every(title: string, answers: readonly string[], kinds: Readonly<Record<string, Rewriting>>): void {
  const random = new Random(20_260);
  const pairs = answers.flatMap((gold) =>
    Object.values(kinds).flatMap((rewriting) => {
      const rewritten = rewriting(gold, random);
      return rewritten === undefined || rewritten.trim() === gold.trim() ? [] : [[rewritten, gold] as const];
    }),
  );
  print(title, pairs);
}

function print(title: string, pairs: readonly (readonly [prediction: string, gold: string])[]): void {
  const counts = { equivalent: 0, different: 0, undecided: 0 };
  const start = process.cpuUsage();
  for (const [prediction, gold] of pairs) counts[verifyMath(prediction, gold).verdict] += 1;
  const each = milliseconds(start) / pairs.length;
  const byText = pairs.filter(([prediction, gold]) => isEquiv(prediction, gold)).length;
  console.log(
    `${title}: ${pairs.length}, ${JSON.stringify(counts)}; isEquiv accepts ${byText}; ${each.toFixed(3)} ms each`,
  );
}

async function hostileInputs(): Promise<void> {
  const repeated = REPEATED.flatMap((unit) => [1900, LONG].map((length) => unit.repeat(length / unit.length)));
  const times: (readonly [number, string])[] = [];
  for (const text of [...EXPENSIVE, ...repeated]) times.push([await leastMs(text, `${text}+1`), text]);
  const [worst, text] = times.reduce((a, b) => (b[0] > a[0] ? b : a));
  console.log(`hostile inputs: ${times.length}, longest ${worst.toFixed(1)} ms: ${JSON.stringify(text.slice(0, 60))}`);
}

async function fuzzed(rounds: number): Promise<void> {
  const random = new Random(1);
  const counts = { equivalent: 0, different: 0, undecided: 0 };
  let [longest, slow, over] = [0, 0, 0];
  let other = "1";
  const start = performance.now();
  for (let round = 0; round < rounds; round++) {
    const answer = random.integer(3) > 0 ? fuzz(random) : `1 (${other}) + 0`;
    const before = process.cpuUsage();
    counts[verifyMath(answer, other).verdict] += 1;
    let time = milliseconds(before);
    if (time > LIMIT_MS) {
      slow += 1;
      time = await leastMs(answer, other);
    }
    if (time > LIMIT_MS) {
      over += 1;
      console.log(`${time.toFixed(1)} ms: ${JSON.stringify([answer, other]).slice(0, 400)}`);
    }
    longest = Math.max(longest, time);
    other = random.integer(2) === 0 ? answer : fuzz(random);
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`fuzzed: ${rounds} in ${seconds} s, ${JSON.stringify(counts)}, none threw`);
  console.log(`longest ${longest.toFixed(1)} ms; over ${LIMIT_MS} ms: ${over} (${slow} when measured once)`);
}

/** CPU time of the cheapest of five calls. */
async function leastMs(prediction: string, gold: string): Promise<number> {
  return 1000 * (await leastCpuSeconds(5, () => verifyMath(prediction, gold)));
}

function milliseconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}
