/** Commands and characters that mean the same, under one name. */
export const SYNONYMS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "\\frac": "\\dfrac \\tfrac \\cfrac",
    "\\binom": "\\dbinom \\tbinom",
    "*": "\\times \\cdot \\ast × · ∗ ⋅",
    "/": "\\div ÷ ∕ ⁄",
    "-": "− – —",
    "+": "＋",
    "<": "\\lt",
    ">": "\\gt",
    "\\le": "\\leq \\leqslant ≤ ⩽",
    "\\ge": "\\geq \\geqslant ≥ ⩾",
    "\\ne": "\\neq ≠",
    "\\pm": "±",
    "\\mp": "∓",
    "\\infty": "∞ \\infin",
    "\\pi": "π",
    "\\theta": "θ",
    "\\alpha": "α",
    "\\beta": "β",
    "\\gamma": "γ",
    "\\phi": "φ \\varphi",
    "\\lambda": "λ",
    "\\cup": "∪ \\bigcup",
    "\\cap": "∩ \\bigcap",
    "\\in": "∈",
    "\\setminus": "\\backslash ∖",
    "\\emptyset": "\\varnothing ∅",
    "\\surd": "√",
    "\\circ": "\\degree",
    "\\{": "\\lbrace",
    "\\}": "\\rbrace",
    "(": "\\langle ⟨ 〈 \\lparen （",
    ")": "\\rangle ⟩ 〉 \\rparen ）",
    "[": "\\lbrack",
    "]": "\\rbrack",
    "|": "\\vert \\lvert \\rvert \\mid",
    ",": "，",
    ":": "\\colon ∶",
    "%": "\\%",
    "'": "\\prime ′ ’",
    "\\arcsin": "\\asin",
    "\\arccos": "\\acos",
    "\\arctan": "\\atan",
    "=": "\\equals",
    // One currency as good as the other: an answer has the question's.
    "\\$": "\\pounds \\euro € £ ¥",
    and: "\\land \\wedge \\& &amp;",
    or: "\\lor \\vee",
  }).flatMap(([name, synonyms]) => synonyms.split(" ").map((synonym) => [synonym, name] as const)),
);

/** What changes the look and not the meaning. */
export const IGNORED: ReadonlySet<string> = new Set(
  (
    "\\left \\right \\big \\Big \\bigg \\Bigg \\bigl \\bigr \\Bigl \\Bigr \\biggl \\biggr \\Biggl \\Biggr \\middle " +
    "\\displaystyle \\textstyle \\scriptstyle \\limits \\nolimits \\, \\; \\: \\! \\> \\quad \\qquad \\thinspace \\enspace " +
    "\\( \\) \\[ \\] $ ~ \\mathbf \\boldsymbol \\bm \\mathit \\mathcal \\vec \\bf \\rm \\it \\hfill \\nonumber " +
    "\\boxed \\fbox \\strut \\allowbreak"
  )
    .split(" ")
    .concat("\\ ", "\\\n"),
);

export const TEXT_COMMANDS: ReadonlySet<string> = new Set(
  "\\text \\textbf \\textit \\textrm \\textsf \\texttt \\textnormal \\textup \\mbox \\hbox \\mathrm \\mathsf \\mathtt \\operatorname".split(
    " ",
  ),
);

/** Functions by their name in LaTeX, without the backslash. */
export const FUNCTIONS: ReadonlySet<string> = new Set(
  "sin cos tan cot sec csc sinh cosh tanh arcsin arccos arctan ln log exp".split(" "),
);

/** Superscript digits and fractions that have a character. */
export const EXPANSIONS: ReadonlyMap<string, string> = new Map([
  ..."⁰¹²³⁴⁵⁶⁷⁸⁹".split("").map((character, digit) => [character, `^{${digit}}`] as const),
  ["½", "\\frac12 "],
  ["⅓", "\\frac13 "],
  ["⅔", "\\frac23 "],
  ["¼", "\\frac14 "],
  ["¾", "\\frac34 "],
  ["°", "^\\circ "],
  ["º", "^\\circ "],
  ["ℝ", "\\R "],
]);

export const GREEK: ReadonlySet<string> = new Set(
  (
    "\\alpha \\beta \\gamma \\delta \\epsilon \\varepsilon \\zeta \\eta \\theta \\iota \\kappa \\lambda \\mu \\nu \\xi \\rho " +
    "\\sigma \\tau \\phi \\chi \\psi \\omega \\Gamma \\Delta \\Theta \\Lambda \\Sigma \\Phi \\Psi \\Omega \\ell"
  ).split(" "),
);
