/** Texts that a model, a dataset or a file may hold and that must stay text. */
export const HOSTILE_TEXTS: readonly string[] = [
  "</script><script>window.pwned = 1; alert(1)</script>",
  "<img src=x onerror='window.pwned = 1; alert(1)'>",
  "<svg onload=alert(1)><style>*{display:none}</style>",
  "<!--",
  "<!--<script>",
  "]]><script>alert(1)</script>",
  "<iframe src='https://example.invalid/'></iframe><link rel=stylesheet href=https://example.invalid/x.css>",
  "<base href='https://example.invalid/'><meta http-equiv=refresh content='0;url=https://example.invalid/'>",
  "javascript:alert(1)",
  '" onmouseover="alert(1)" x="',
  "\u001b[31mred\u001b]8;;https://example.invalid\u0007link\u001b]8;;\u0007\u001b[2J",
  "lone \ud800 high, \udc00 low",
  "line\u2028separator\u2029paragraph",
  "__proto__",
  "constructor",
  "\u202eright to left override\u202c and \u2066isolate",
  "\u0000\u0001\u007f\u0085\ufeff",
  "${window.pwned = 1}`{{constructor.constructor('alert(1)')()}}",
  "=cmd|' /C calc'!A0",
  "| a | b |\n|---|---|\n[x](javascript:alert(1))",
  "a".repeat(1_000_000),
  "<b>".repeat(300_000),
  "\u0301".repeat(10_000),
  "",
  "   ",
];

/** A result file in which everything that can hold a text holds a hostile one. */
export function hostileResults(seed: number): object {
  const text = (i: number) => HOSTILE_TEXTS[(i + seed) % HOSTILE_TEXTS.length]!;
  return {
    results: HOSTILE_TEXTS.map((raw, i) => ({
      question: `${i} ${text(i + 1)}`,
      ground_truth: [text(i + 2), text(i + 3)],
      raw_prediction: i % 2 === 0 ? `${raw}</think>${text(i + 4)}` : raw,
      extracted_prediction: text(i + 5),
      num_tokens: i,
      exact_match: false,
      recall: i % 3 === seed % 3,
      ["__proto__"]: { polluted: true },
    })),
    errors: HOSTILE_TEXTS.map((raw, i) => ({ question: `error ${i} ${text(i)}`, error: raw })),
  };
}
