import { add, type Complex, complex, exp, invert, isReal, ln, multiply, negate, power, size } from "./complex.js";
import { type Expression, TRIGONOMETRIC } from "./expression.js";
import { toNumber } from "./rational.js";
import { type Budget, Undecided } from "./undecided.js";

const I = complex(0, 1);
const HALF = complex(0.5);

/** Values of the variables, and of functions that are only a name. */
export interface Point {
  readonly variable: (name: string) => number;
}

/**
 * The complex value of an expression at a point.
 *
 * @param inRadians - Inside a trigonometric function, where degrees are converted.
 * @throws Undecided when the value is not finite or a function is not known there.
 */
export function evaluate(expression: Expression, point: Point, budget: Budget, inRadians = false): Complex {
  const value = (child: Expression) => evaluate(child, point, budget, inRadians);
  budget.spend(2);
  switch (expression.kind) {
    case "number": {
      const number = toNumber(expression.value);
      if (number === 0 && expression.value.n !== 0n) throw new Undecided("not-finite");
      return complex(number);
    }
    case "symbol":
      return symbolValue(expression.name, point);
    case "sum":
      return expression.terms.map(value).reduce(add);
    case "product":
      return expression.factors.map(value).reduce(multiply);
    case "quotient":
      return multiply(value(expression.numerator), invert(value(expression.denominator)));
    case "negation":
      return negate(value(expression.of));
    case "degrees":
      return inRadians ? multiply(value(expression.of), complex(Math.PI / 180)) : value(expression.of);
    case "power":
      return power(value(expression.base), value(expression.exponent));
    case "root": {
      const radicand = value(expression.radicand);
      const exponent = complex(1 / expression.index);
      const isNegative = radicand.re < 0 && isReal(radicand);
      if (isNegative && expression.index % 2 === 1) return negate(power(negate(radicand), exponent));
      return power(radicand, exponent);
    }
    case "call":
  }
  const inside = TRIGONOMETRIC.has(expression.name);
  const args = expression.args.map((arg) => evaluate(arg, point, budget, inside));
  return call(expression.name, args, point);
}

function symbolValue(name: string, point: Point): Complex {
  if (name === "pi") return complex(Math.PI);
  if (name === "e") return complex(Math.E);
  if (name === "i") return I;
  if (name === "infinity") throw new Undecided("not-finite");
  return complex(point.variable(name));
}

function call(name: string, [x, y]: readonly Complex[], point: Point): Complex {
  if (x === undefined) throw new Undecided("unsupported");
  switch (name) {
    case "sin":
    case "cos": {
      const [up, down] = [exp(multiply(I, x)), exp(negate(multiply(I, x)))];
      if (name === "cos") return multiply(add(up, down), HALF);
      return multiply(add(up, negate(down)), complex(0, -0.5));
    }
    case "tan":
      return multiply(call("sin", [x], point), invert(call("cos", [x], point)));
    case "cot":
      return multiply(call("cos", [x], point), invert(call("sin", [x], point)));
    case "sec":
      return invert(call("cos", [x], point));
    case "csc":
      return invert(call("sin", [x], point));
    case "sinh":
      return multiply(add(exp(x), negate(exp(negate(x)))), HALF);
    case "cosh":
      return multiply(add(exp(x), exp(negate(x))), HALF);
    case "tanh":
      return multiply(call("sinh", [x], point), invert(call("cosh", [x], point)));
    case "ln":
      return ln(x);
    case "log":
      return multiply(ln(x), invert(ln(y ?? complex(10))));
    case "abs":
      return complex(size(x), 0, x.error);
    case "arcsin":
      return real(x, Math.asin, (at) => 1 / Math.sqrt(1 - at * at));
    case "arccos":
      return real(x, Math.acos, (at) => 1 / Math.sqrt(1 - at * at));
    case "arctan":
      return real(x, Math.atan, () => 1);
    case "f":
    case "g":
      // Any smooth function will do, as long as it is the same one.
      return add(call("sin", [multiply(x, complex(point.variable(`${name}'`)))], point), power(x, complex(2)));
    default:
      throw new Undecided("unsupported");
  }
}

function real(x: Complex, apply: (x: number) => number, slope: (x: number) => number): Complex {
  if (!isReal(x)) throw new Undecided("unsupported");
  return complex(apply(x.re), 0, x.error * Math.max(1, slope(x.re)));
}
