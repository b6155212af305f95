import type { Random } from "@pka/core";

const PIECES = (
  "0 1 2 7 10 99999999 0.5 .25 1,000 1,\\!000 x y a i e f \\pi \\theta \\infty + - * / ^ _ = < > \\le \\ge \\ne \\in \\pm \\mp ! % ' | " +
  "( ) [ ] { } \\{ \\} \\left( \\right) \\left[ \\right] , ; : . ~ & \\\\ \\frac \\dfrac \\frac12 \\frac{1}{2} \\sqrt \\sqrt[3] \\sqrt{2} " +
  "\\cdot \\times \\cup \\setminus \\sin \\cos \\tan \\log \\log_2 \\ln \\exp \\arcsin \\binom{5}{2} \\lfloor \\rfloor ^\\circ ^{2} ^{-1} " +
  "^{x} _{2} \\text{ and } \\text{ or } \\text{cm} \\text{ \\mbox{ \\mathrm{e} \\begin{pmatrix} \\end{pmatrix} \\sum \\int \\lim \\overline{3} " +
  "\\mathbb{R} \\emptyset \\boxed{ \\% \\$ \\! \\, cm meters Friday A pi sqrt sinx π √ ² ½ − ° \u0301 \ud800 \u0000"
).split(" ");

const ANSWERS = [
  "\\frac{\\sqrt{2}+\\sqrt{6}}{4}",
  "(-\\infty, -\\tfrac{3}{7}] \\cup [\\tfrac35, \\infty)",
  "\\begin{pmatrix} 1/5 & 4/5 \\\\ 0 & 1 \\end{pmatrix}",
  "x^8 + 3x^7 - \\frac{2}{3}x^6 + y^5",
  "\\{1\\pm\\sqrt{5},-2\\}",
  "1,\\!000,\\!000",
  "\\left( 8 \\sqrt{2}, \\frac{\\pi}{4}, \\frac{\\pi}{6} \\right)",
  "y = -\\frac{1}{2} x^2 + 4x - 6",
  "f(2) < f(1) < f(4)",
  "3\\frac{3}{8}",
  "27^\\circ, 63^\\circ",
  "2x(15x^2-4x+10)^{12}",
  "\\sin^2 x + \\log_3 (x+1)",
  "\\text{A,C,F}",
  "152A_{11}",
];

/** Short texts that ask for much work. */
export const EXPENSIVE = [
  "\\sum_{n=1}^{10^9} \\frac1n",
  "9^{9^{9^9}}",
  "9^{9^9}",
  "(9^{9999})^{9999}",
  "3000!",
  "3000!!",
  "((((2000!)!)!)!)!",
  "\\frac{2999!}{2998!}",
  "\\binom{3000}{1500}",
  "\\binom{10^9}{10^8}",
  "(a+b+c+d+e+f+g+h)^{100}",
  "(x+1)^{1000000}",
  "(1+x)^{500}(1-x)^{500}",
  "\\sqrt{2}^{1000000}",
  "(\\sqrt2+\\sqrt3+\\sqrt5+\\sqrt7+\\sqrt{11}+\\sqrt{13}+\\sqrt{17})^{30}",
  "\\frac{1}{1+\\frac{1}{x+\\frac{1}{y+\\frac{1}{z+\\frac{1}{u+\\frac{1}{v+\\frac{1}{w+\\frac{1}{t}}}}}}}}",
  `\\sqrt{${"9".repeat(900)}}`,
  `\\frac{${"7".repeat(900)}}{${"9".repeat(901)}}`,
  `${"9".repeat(400)}^{${"9".repeat(4)}}`,
  "10^{-400}+10^{400}",
  "e^{e^{e^{e^e}}}",
  "\\tan\\tan\\tan\\tan\\tan x",
  `\\{${Array.from({ length: 300 }, (_, index) => `\\sqrt{x+${index}}`).join(",")}\\}`,
  `${"x+".repeat(900)}x`,
  Array.from({ length: 60 }, (_, index) => `(x+${index})`).join(""),
  Array.from({ length: 40 }, (_, index) => `\\sin(x+${index})`).join(","),
  Array.from({ length: 40 }, (_, index) => `(${index},${index + 1})`).join("\\cup"),
  `\\begin{pmatrix}${"1&".repeat(400)}\\end{pmatrix}`,
  `1${"\\pm 1".repeat(300)}`,
];

/** Units that make long texts. */
export const REPEATED = [
  "{",
  "}",
  "(",
  ")",
  "[",
  "\\{",
  "\\frac",
  "\\frac1",
  "\\frac{",
  "\\sqrt",
  "\\sqrt{",
  "\\sqrt[",
  "^",
  "^{",
  "_{",
  "-",
  "+",
  "x",
  "1",
  "1,",
  ",",
  "1,\\!000",
  ".",
  "|",
  "!",
  "\\text{",
  "\\text{a}",
  "\\left",
  "\\left(",
  "\\pm",
  "\\cup",
  "=",
  "<",
  "\\sin",
  "\\sin(",
  "\\log_",
  "f(",
  "\\begin{pmatrix}",
  "\\begin",
  "\\\\",
  "&",
  "\\",
  " ",
  "\\ ",
  "\\,",
  "$",
  "A",
  "½",
  "\ud83d\ude00",
  "\ud800",
  "'",
  "%",
  "a_",
  "2/",
  "0.",
  "\\overline{",
  "\\binom",
];

/** An answer as nobody would write it: pieces in any order, a real one damaged, or expensive work. */
export function fuzz(random: Random): string {
  switch (random.integer(8)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return Array.from({ length: 1 + random.integer(14) }, () => random.pick(PIECES)).join(random.pick(["", "", " "]));
    case 4:
    case 5: {
      let answer = random.pick(ANSWERS);
      for (let change = 0; change < 1 + random.integer(3); change++) {
        const at = random.integer(answer.length + 1);
        answer = answer.slice(0, at) + random.pick(["", random.pick(PIECES)]) + answer.slice(at + random.integer(3));
      }
      return answer;
    }
    case 6:
      return random.pick(ANSWERS) + random.pick(["+", ",", "=", "", "^", "\\cup ", "/"]) + random.pick(ANSWERS);
    default:
      if (random.integer(20) > 0) return random.pick(EXPENSIVE.slice(0, 11));
      return random.integer(2) === 0 ? random.pick(EXPENSIVE) : random.pick(REPEATED).repeat(1 + random.integer(500));
  }
}
