import type { Answer } from "./answer.js";
import type { ExpressionComparer } from "./compare-expressions.js";
import { type Expression, variablesOf } from "./expression.js";
import { every, type MathVerification, OTHER_FORM, undecided } from "./verdict.js";

interface End {
  readonly expression: Expression;
  readonly value: number;
  readonly isClosed: boolean;
}

/** A piece of the real line; a point is closed at both ends. */
interface Interval {
  readonly low: End;
  readonly high: End;
}

const INFINITE: Expression = { kind: "symbol", name: "infinity" };
const BELOW: End = { expression: { kind: "negation", of: INFINITE }, value: Number.NEGATIVE_INFINITY, isClosed: false };
const ABOVE: End = { expression: INFINITE, value: Number.POSITIVE_INFINITY, isClosed: false };
const MAX_INTERVALS = 50;

/** Compare two sets of real numbers, however they are cut into pieces; `undefined` when either is none that could be ordered. */
export function compareRealSets(a: Answer, b: Answer, comparer: ExpressionComparer): MathVerification | undefined {
  const [left, right] = [intervalsOf(a, comparer), intervalsOf(b, comparer)];
  if (left === undefined || right === undefined) return undefined;
  if (left.length > MAX_INTERVALS || right.length > MAX_INTERVALS) return undecided("too-long");
  const [x, y] = [merged(left, comparer), merged(right, comparer)];
  if (x.length !== y.length) return OTHER_FORM;
  return every(
    x.flatMap((interval, index) =>
      (["low", "high"] as const).map((end) => {
        const [p, q] = [interval[end], y[index]![end]];
        return p.isClosed === q.isClosed ? comparer.equal(p.expression, q.expression) : OTHER_FORM;
      }),
    ),
  );
}

function intervalsOf(answer: Answer, comparer: ExpressionComparer): Interval[] | undefined {
  const end = (expression: Expression, isClosed: boolean): End | undefined => {
    const value = comparer.realValue(expression);
    return value === undefined ? undefined : { expression, value, isClosed: isClosed && Number.isFinite(value) };
  };
  switch (answer.kind) {
    case "value": {
      const point = end(answer.expression, true);
      return point?.isClosed ? [{ low: point, high: point }] : undefined;
    }
    case "tuple": {
      const [first, second] = answer.items;
      if (answer.items.length !== 2 || first?.kind !== "value" || second?.kind !== "value") return undefined;
      const low = end(first.expression, answer.open === "[");
      const high = end(second.expression, answer.close === "]");
      return low === undefined || high === undefined || low.value >= high.value ? undefined : [{ low, high }];
    }
    case "list":
      // Conditions are joined by `or` alone; in a list of them it is open what the comma means.
      if (!answer.isInBraces && !answer.isAlternative) return undefined;
      return joined(answer.items.map((item) => intervalsOf(item, comparer)));
    case "union": {
      const all = joined(answer.pieces.map((piece) => intervalsOf(piece, comparer)));
      if (answer.without === undefined || all === undefined) return all;
      const without = intervalsOf(answer.without, comparer);
      return without?.every(({ low, high }) => low.value === high.value)
        ? without.reduce(withoutPoint, all)
        : undefined;
    }
    case "inequality": {
      const { sides, relations } = answer;
      const middle = sides.findIndex(({ kind }) => kind === "symbol");
      const variable = sides[middle];
      if (variable === undefined || variablesOf(variable).size === 0 || sides.length > 3) return undefined;
      if (sides.length === 3 && middle !== 1) return undefined;
      if (relations.includes("\\ne")) {
        const point = sides.length === 2 ? end(sides[1 - middle]!, true) : undefined;
        return point && withoutPoint([{ low: BELOW, high: ABOVE }], { low: point, high: point });
      }
      const low = middle === 1 ? end(sides[0]!, relations[0] === "\\le") : BELOW;
      const high = middle + 1 < sides.length ? end(sides[middle + 1]!, relations[middle] === "\\le") : ABOVE;
      return low === undefined || high === undefined || low.value >= high.value ? undefined : [{ low, high }];
    }
    default:
      return undefined;
  }
}

/** Take one point out. */
function withoutPoint(intervals: Interval[], { low: point }: Interval): Interval[] {
  const open: End = { ...point, isClosed: false };
  return intervals.flatMap(({ low, high }) =>
    low.value < point.value && point.value < high.value
      ? [
          { low, high: open },
          { low: open, high },
        ]
      : [{ low, high }],
  );
}

/** In order, pieces that touch or overlap made one. */
function merged(intervals: readonly Interval[], comparer: ExpressionComparer): Interval[] {
  const sorted = intervals.toSorted(
    (a, b) => a.low.value - b.low.value || Number(b.low.isClosed) - Number(a.low.isClosed),
  );
  const result: Interval[] = [];
  for (const next of sorted) {
    const last = result.at(-1);
    if (last === undefined || !isJoined(last.high, next.low, comparer)) {
      result.push(next);
      continue;
    }
    const isLower = next.high.value < last.high.value;
    const isSame = next.high.value === last.high.value;
    const high = isLower || (isSame && last.high.isClosed) ? last.high : next.high;
    result[result.length - 1] = { low: last.low, high };
  }
  return result;
}

function isJoined(high: End, low: End, comparer: ExpressionComparer): boolean {
  const isNear = Math.abs(low.value - high.value) <= 1e-9 * Math.max(1, Math.abs(low.value));
  if (isNear && comparer.equal(high.expression, low.expression).verdict === "equivalent")
    return high.isClosed || low.isClosed;
  return low.value < high.value;
}

function joined(parts: readonly (Interval[] | undefined)[]): Interval[] | undefined {
  return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
}
