/** What stands for a class: white space, digits, letters of either kind, marks that patterns like to name. */
const ANY = [" ", "\n", "0", "a", "A", "é", "_", "-", ".", "<", "{", "\\", '"', "/", "\u0301", "\ud800", "\ufffd"];
const OF_CLASS: Record<string, string> = { d: "0", w: "a", s: " ", S: "x", D: "x", W: "-", n: "\n", r: "\r", t: "\t" };
/** Where a match breaks off: none of our patterns asks for these. */
const BREAKS = ["", "\u0000", "\n\u0000"];
const MAX_PREFIXES = 12;

/** A text is `start`, then `unit` as often as fits, then `end`. */
export interface HostileText {
  readonly start: string;
  readonly unit: string;
  readonly end: string;
}

/**
 * Texts on which a pattern with overlapping or nested repetitions takes more than linear time: repeats of the characters and of the
 * words that it names, of their beginnings, and of pairs of them, behind every word that may begin a match, and cut where it would end.
 */
export function hostileTextsFor(source: string): HostileText[] {
  const words = literalWords(source);
  const characters = [...new Set([...words.flatMap((word) => Array.from(word)), ...ANY])];
  const beginnings = [...new Set(words.flatMap(prefixesOf))];
  const own = [...new Set(words.flatMap((word) => Array.from(word)))].slice(0, 12);
  const pairs = own.flatMap((first) => [...own, " ", "a", "0"].map((second) => first + second));
  const units = [
    ...new Set([...characters, ...beginnings, ...words.map((word) => `${word} `), ...words.map((word) => `${word}a`)]),
  ];
  const starts = ["", "a", ...words.slice(0, 4), words.join("")];
  const texts = units.flatMap((unit) =>
    [...new Set(starts)].flatMap((start) => BREAKS.map((end) => ({ start, unit, end }))),
  );
  return [...texts, ...[...new Set(pairs)].map((unit) => ({ start: "", unit, end: "\u0000" }))];
}

function prefixesOf(word: string): string[] {
  const lengths = Array.from({ length: word.length }, (_, i) => i + 1);
  const step = Math.ceil(lengths.length / MAX_PREFIXES);
  return lengths
    .filter((length) => length % step === 0 || length === word.length)
    .map((length) => word.slice(0, length));
}

/** The runs of plain characters in a pattern; a class counts as one of its characters, an operator ends a run. */
function literalWords(source: string): string[] {
  const words: string[] = [];
  let word = "";
  const flush = () => {
    if (word !== "") words.push(word);
    word = "";
  };
  for (let i = 0; i < source.length; i++) {
    const c = source[i]!;
    if (c === "\\") {
      const next = source[++i] ?? "";
      const code = /^(?:u([0-9a-f]{4})|u\{([0-9a-f]+)\}|x([0-9a-f]{2}))/i.exec(source.slice(i, i + 10));
      if (code) {
        word += String.fromCodePoint(Number.parseInt(code[1] ?? code[2] ?? code[3]!, 16));
        i += code[0].length - 1;
      } else if (next === "p" || next === "P") {
        word += source.startsWith("{N", i + 1) ? "0" : "a";
        i = source.indexOf("}", i);
      } else if (next !== "b" && next !== "B") word += OF_CLASS[next] ?? next;
    } else if (c === "(" && source[i + 1] === "?") {
      flush();
      i += /^\(\?(?:<[a-z]\w*>|<?[=!]|:)/i.exec(source.slice(i))![0].length - 1;
    } else if ("()|*+?$".includes(c)) flush();
    else if (c === "{" && /^\{\d+,?\d*\}/.test(source.slice(i))) i = source.indexOf("}", i);
    else if (c !== "^" && c !== "[" && c !== "]" && c !== ".") word += c;
  }
  flush();
  return [...new Set(words)];
}
