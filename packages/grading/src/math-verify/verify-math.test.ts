import { describe, expect, test } from "vitest";
import { verifyMath } from "./verify-math.js";

const PAIRS: Readonly<Record<"equivalent" | "different" | "undecided", [string, string][]>> = {
  equivalent: [
    ["\\frac12", "0.5"],
    ["\\frac{1}{2}", "1/2"],
    [".5", "0.50"],
    ["1\\frac12", "1.5"],
    ["11 2/3", "11\\frac23"],
    ["\\sqrt{8}", "2\\sqrt2"],
    ["\\frac1{\\sqrt2}", "\\frac{\\sqrt2}{2}"],
    ["\\sqrt{3+2\\sqrt2}", "1+\\sqrt2"],
    ["\\sqrt[3]{-8}", "-2"],
    ["3+4i", "4i+3"],
    ["(1+i)^2", "2i"],
    ["\\frac{1}{1+i}", "\\frac{1-i}{2}"],
    ["e^{i\\pi}", "-1"],
    ["1,2", "2,1"],
    ["\\{1,2\\}", "\\{2,1,1\\}"],
    ["(-\\infty,2)\\cup(3,\\infty)", "(3,\\infty)\\cup(-\\infty,2)"],
    ["x<2 \\text{ or } x>3", "(-\\infty,2)\\cup(3,\\infty)"],
    ["x \\in [-2,7]", "[-2,7]"],
    ["-2\\le x\\le 7", "[-2,7]"],
    ["\\mathbb{R}\\setminus\\{2\\}", "(-\\infty,2)\\cup(2,\\infty)"],
    ["\\infty", "\\infty"],
    ["50\\%", "50"],
    ["50\\%", "0.5"],
    ["5\\text{ cm}", "5"],
    ["5 cm", "5\\text{ centimeters}"],
    ["5meters", "5"],
    ["5 meals", "5\\text{ meals}"],
    ["9 AM", "9\\text{ a.m.}"],
    ["\\$4,\\!000", "4000"],
    ["10,080", "10080"],
    ["1{,}000", "1000"],
    ["90^\\circ", "90"],
    ["90^\\circ", "\\frac{\\pi}{2}"],
    ["2\\cos 15^\\circ", "\\frac{\\sqrt6+\\sqrt2}{2}"],
    ["\\sin 30^{\\circ}", "1/2"],
    ["x=5", "5"],
    ["5", "x = 5"],
    ["y=2x+3", "2x+3"],
    ["y=2x+3", "2x-y+3=0"],
    ["4x-5y=-50", "5y-4x=50"],
    ["1\\pm\\sqrt{19}", "1+\\sqrt{19},1-\\sqrt{19}"],
    ["\\{1\\pm\\sqrt{5},-2\\}", "\\{-2,1-\\sqrt5,1+\\sqrt5\\}"],
    ["101_2", "101_{2}"],
    ["152A_{11}", "152A_{11}"],
    ["\\text{(A)}", "A"],
    ["(\\text{E})", "E"],
    ["\\text{Friday}", "Friday"],
    ["\\text{A,C,F}", "A, C, F"],
    ["(x+1)^2", "x^2+2x+1"],
    ["\\frac{x^2-1}{x-1}", "x+1"],
    ["(x-5)(x^2-4x+7)", "x^3-9x^2+27x-35"],
    ["36x\\sqrt{35x}", "36\\sqrt{35}x^{3/2}"],
    ["\\sin^2 x+\\cos^2 x", "1"],
    ["2\\sin x\\cos x", "\\sin 2x"],
    ["\\log_2 8", "3"],
    ["\\ln e^2", "2"],
    ["\\begin{pmatrix} 1/2 \\\\ 3\\end{pmatrix}", "\\begin{bmatrix} 0.5 \\\\ 3\\end{bmatrix}"],
    ["\\frac15\\begin{pmatrix} 1\\\\2\\end{pmatrix}", "\\begin{pmatrix} 1/5\\\\2/5\\end{pmatrix}"],
    ["2^{2005}", "2\\cdot 2^{2004}"],
    ["3!", "6"],
    ["\\binom{5}{2}", "10"],
    ["0.\\overline{3}", "\\frac13"],
    ["6.72\\times10^{-5}", ".0000672"],
    ["1:2", "2:4"],
    ["\\text{1:03 PM}", "1:03\\text{ PM}"],
    ["7, -2, \\text{ and } -5", "-5,-2,7"],
    ["12\\text{ and }13", "13,12"],
    ["x^10", "x^{10}"],
    ["|x|", "|-x|"],
    ["3,\\!250", "3250"],
    ["\\frac{12}{5,\\!525}", "\\frac{12}{5525}"],
    ["\\overline{CD}", "CD"],
    ["f(2)<f(1)<f(4)", "f(4)>f(1)>f(2)"],
    ["32R^2 - 3(a^2 + b^2 + c^2)", "32R^2-3a^2-3b^2-3c^2"],
    ["864 \\mbox{ inches}^2", "864"],
    ["8\\sqrt{3} \\text { square inches}", "8\\sqrt3"],
    ["x > 2", "2<x"],
    ["y>2x+1", "y-2x>1"],
    ["\\boxed{5}", "5"],
    ["$5$", "5"],
    ["-\\frac12", "\\frac{-1}{2}"],
    ["√12", "2√3"],
    ["x²", "x^2"],
    ["\\frac\\pi4", "π/4"],
    ["\\{5\\}", "5"],
    ["(1,2)", "\\begin{pmatrix}1\\\\2\\end{pmatrix}"],
    ["\\sqrt2x-2y=0", "x-\\sqrt2y=0"],
    ["0", "\\sin\\pi"],
  ],
  different: [
    ["(1,2)", "(2,1)"],
    ["(1,2)", "[1,2]"],
    ["[a,b)", "[a,b]"],
    ["\\{1,2\\}", "(1,2)"],
    ["-2\\le x<7", "[-2,7]"],
    ["\\infty", "-\\infty"],
    ["\\infty", "5"],
    ["50\\%", "5"],
    ["5\\text{ cm}", "5\\text{ m}"],
    ["x=5", "y=5"],
    ["4x-5y=-50", "4x-5y=50"],
    ["101_2", "5"],
    ["101_2", "101_3"],
    ["A", "B"],
    ["\\text{Friday}", "Monday"],
    ["x^2", "x^3"],
    ["\\begin{pmatrix} 1&2\\end{pmatrix}", "\\begin{pmatrix} 1\\\\2\\end{pmatrix}"],
    ["2^{2005}", "2^{2006}"],
    ["\\frac{1}{2004!}", "\\frac{1}{2003!}"],
    ["0.333", "\\frac13"],
    ["4:30", "2:15"],
    ["f(2)<f(1)<f(4)", "f(2)<f(4)<f(1)"],
    ["y>2x+1", "2x-y>1"],
    ["a", "A"],
    ["9^\\circ", "9\\text{ a.m.}"],
    ["25\\%", "25\\text{ km}"],
    ["\\$5", "5\\text{ cents}"],
    ["10^{-400}", "0"],
  ],
  undecided: [
    ["3\\frac{3}{2}", "4.5"],
    ["1,2", "(1,2)"],
    ["\\infty-7", "\\infty"],
    ["101_2", "101"],
    ["\\text{even}", "odd"],
    ["\\sqrt{x^2}", "x"],
    ["9^{9^{9^9}}", "9^{9^{9^9}}+1"],
    ["\\sum_{n=1}^{10^9}1/n", "7"],
    ["1:2", "\\frac12"],
    ["\\text{4:30 p.m.}", "4:30 a.m."],
    ["1/2x", "\\frac{1}{2x}"],
    ["2AB", "2"],
    ["2 AB", "2"],
    ["2wxyz", "2"],
    ["(x+1)wxyz", "x+1"],
    ["(-8)^{1/3}", "-2"],
    ["\\text{(B)}", "b"],
    ["\\$2.50", "250\\text{ cents}"],
    ["2^{1000000}", "2^{1000001}"],
  ],
};

describe.each(["equivalent", "different", "undecided"] as const)("%s, in both directions", (verdict) => {
  test.each(PAIRS[verdict])("%j and %j", (a, b) => {
    expect(verifyMath(a, b)).toMatchObject({ verdict });
    expect(verifyMath(b, a)).toMatchObject({ verdict });
  });
});

test("a reason comes with every verdict", () => {
  expect(verifyMath("\\frac12", "\\frac12")).toEqual({ verdict: "equivalent", reason: "text" });
  expect(verifyMath("0.5", "\\frac12")).toEqual({ verdict: "equivalent", reason: "exact" });
  expect(verifyMath("\\sin 30^\\circ", "0.5")).toEqual({ verdict: "equivalent", reason: "numeric" });
  expect(verifyMath("2", "3")).toEqual({ verdict: "different", reason: "value" });
  expect(verifyMath("[1,2)", "[1,2]")).toEqual({ verdict: "different", reason: "form" });
  expect(verifyMath(null, "3")).toEqual({ verdict: "undecided", reason: "missing" });
  expect(verifyMath("", "3")).toEqual({ verdict: "undecided", reason: "missing" });
  expect(verifyMath("1".repeat(2001), "3")).toEqual({ verdict: "undecided", reason: "too-long" });
  expect(verifyMath(`${"(".repeat(51)}1${")".repeat(51)}`, "1")).toEqual({ verdict: "undecided", reason: "too-deep" });
  expect(verifyMath("1/2x", "\\frac{1}{2x}")).toEqual({ verdict: "undecided", reason: "ambiguous" });
  expect(verifyMath("\\infty - 7", "\\infty")).toEqual({ verdict: "undecided", reason: "not-finite" });
  expect(verifyMath("\\sum_{n=1}^{9} n", "45")).toEqual({ verdict: "undecided", reason: "unsupported" });
  expect(verifyMath("1, 2", "(1,2)")).toEqual({ verdict: "undecided", reason: "other-form" });
});

test("a small difference of large values is not overlooked where exact arithmetic gives up", () => {
  const power = "(x+y+z+u+v+w)^{40}";
  expect(verifyMath(`${power} + 1`, power).verdict).not.toBe("equivalent");
  expect(verifyMath(`\\sin 1 + 10^{20} \\cos 1`, `10^{20} \\cos 1`).verdict).not.toBe("equivalent");
});
