import * as grading from "@pka/grading";
import { verifyMath } from "@pka/grading/math-verify";
import { expect, test } from "vitest";
import { HOSTILE_UNITS } from "../packages/grading/src/__fixtures__/hostile-units.js";
import { REPEATED } from "../packages/grading/src/math-verify/__fixtures__/fuzz.js";

const SIZES = [1e3, 1e4, 1e5, 1e6];
/** Of log time over log length: 1 is linear, 2 is quadratic. Larger texts leave the caches, hence more than 1. */
const MAX_SLOPE = 1.15;
/** What takes less for the longest text is not told apart from the clock's own steps. */
const MEASURABLE_MS = 3;

/** Everything that reads what a model wrote. */
const GRADERS: Record<string, (text: string, answers: readonly string[]) => unknown> = {
  extractAnswer: (text) => grading.extractAnswer(text),
  extractBeforeCloseTag: (text) => grading.extractBeforeCloseTag(text),
  extractRefinedAnswer: (text) => grading.extractRefinedAnswer(text),
  extractFinalAnswer: (text) => grading.extractFinalAnswer(text),
  extractRewardAnswer: (text) => grading.extractRewardAnswer(text),
  gradeAnswer: (text, answers) => grading.gradeAnswer(text, answers),
  gradeRefinedAnswer: (text, answers) => grading.gradeRefinedAnswer({ extracted: text, refined: text, answers }),
  gradeRepaired: (text, answers) => grading.gradeRepaired(text, answers),
  computeReward: (text, answers) => grading.computeReward(text, answers),
  gradeMath: (text, [answer = ""]) => grading.gradeMath(text, answer),
  "gradeMath of a box": (text) => grading.gradeMath(`\\boxed{${text}}`, text),
  isEquiv: (text, [answer = ""]) => grading.isEquiv(text, answer),
  lastBoxedOnlyString: (text) => grading.lastBoxedOnlyString(text),
  removeBoxed: (text) => grading.removeBoxed(text),
  stripString: (text) => grading.stripString(text),
  verifyMath: (text, [answer = ""]) => verifyMath(text, answer),
};
/** What `pka eval` does with one reply. */
const evaluation = (text: string, answers: readonly string[]) =>
  grading.gradeAnswer(grading.extractAnswer(text), answers);

test("C4 graders and extractors take linear time on hostile text", { timeout: 1_800_000 }, async ({ annotate }) => {
  const units = [...new Set([...HOSTILE_UNITS, ...REPEATED])];
  const curves = units.flatMap((unit) =>
    Object.entries(GRADERS).map(([name, grade]) => {
      const measure = () => SIZES.map((size) => timed(grade, unit, size));
      let times = measure();
      // Other work on the machine makes a curve steep as well; it does not do so every time.
      for (let again = 0; again < 2 && times.at(-1)! >= MEASURABLE_MS && slopeOf(times) > MAX_SLOPE; again++) {
        times = measure().map((time, i) => Math.min(time, times[i]!));
      }
      return { name, unit, times, slope: slopeOf(times) };
    }),
  );
  const measurable = curves.filter(({ times }) => times.at(-1)! >= MEASURABLE_MS);
  const steep = measurable.filter(({ slope }) => slope > MAX_SLOPE);
  expect(steep).toEqual([]);
  expect(measurable.length).toBeGreaterThan(100);

  const [slowest] = curves.toSorted((a, b) => b.times.at(-1)! - a.times.at(-1)!);
  const [steepest] = measurable.toSorted((a, b) => b.slope - a.slope);
  const whole = Math.max(...units.map((unit) => timed(evaluation, unit, 1e6)));
  await annotate(
    `${curves.length} curves (${Object.keys(GRADERS).length} graders × ${units.length} units, 1k to 1M characters): ` +
      `${slowest!.times.at(-1)!.toFixed(0)} ms for 1M characters at worst (${slowest!.name} of ${JSON.stringify(slowest!.unit)}), ` +
      `slope ${steepest!.slope.toFixed(2)} at worst (${steepest!.name} of ${JSON.stringify(steepest!.unit)}); ` +
      `1 MB of hostile output extracted and graded in ${whole.toFixed(0)} ms`,
    "figure",
  );
});

/** CPU time of one call in ms, the least of several rounds. */
function timed(grade: (text: string, answers: readonly string[]) => unknown, unit: string, size: number): number {
  // Flat, so that no grader pays for joining the parts.
  const text = Buffer.from(unit.repeat(Math.ceil(size / unit.length)), "utf16le").toString("utf16le");
  const answers = [`${text.slice(0, size / 2)}x`, "Paris"];
  const calls = Math.ceil(2e5 / size);
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 4; round++) {
    const before = process.cpuUsage();
    for (let call = 0; call < calls; call++) grade(text, answers);
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000 / calls);
  }
  return least;
}

/** Least squares of log time over log size. */
function slopeOf(times: readonly number[]): number {
  const points = times.map((time, i) => [Math.log(SIZES[i]!), Math.log(Math.max(time, 1e-4))] as const);
  const [x, y] = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis]!, 0) / points.length);
  const covariance = points.reduce((sum, [px, py]) => sum + (px - x!) * (py - y!), 0);
  return covariance / points.reduce((sum, [px]) => sum + (px - x!) ** 2, 0);
}
