import { join, resolve, sep } from "node:path";
import { PkaError } from "@pka/core";
import { resultFileName } from "@pka/harness";
import { parseModelId } from "@pka/models";
import { parseTinkerPath } from "@pka/tinker";
import { expect, test } from "vitest";

/** Names that would leave a folder, mean a device, be cut, or be one with another on some disk. */
const NAMES: readonly string[] = [
  [
    ".",
    "..",
    "../x",
    "..\\x",
    "../../etc/passwd",
    "/etc/passwd",
    "C:\\x",
    "C:x",
    "\\\\host\\share",
    "~/x",
    "a/../../b",
  ],
  [
    "\u2215etc",
    "\u2044x",
    "\uff0e\uff0e\uff0fx",
    "..%2fx",
    "%2e%2e/x",
    "a\0b",
    "a\nb",
    "a\rb",
    "a\tb",
    "\u001b[2J",
    "\u0085",
    "\u202ex",
  ],
  [
    "",
    " ",
    "a ",
    " a",
    "a.",
    ".a",
    "-a",
    "--help",
    "a:b",
    "a*b",
    "a?b",
    "a|b",
    "a<b",
    "a>b",
    'a"b',
    "a'b",
    "$(x)",
    "`x`",
    "%PATH%",
    "a;b",
  ],
  "CON PRN AUX NUL COM1 COM9 LPT1 con Con CON.txt nul.json aux. com1.x CONIN$".split(" "),
  ["A", "a", "Ä", "ä", "A\u0308", "a\u0308", "ß", "SS", "ss", "İ", "i̇", "ﬁ", "fi", "K", "\u212a", "k"],
  ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"],
  [
    "😀",
    "\ud800",
    "名前",
    "имя",
    "a\u200bb",
    "\ufeffa",
    "a".repeat(300),
    "b".repeat(300),
    `${"a".repeat(300)}b`,
    "é".repeat(200),
  ],
  Array.from({ length: 60 }, (_, i) => `${"a".repeat(100)}${String.fromCodePoint(0x21 + i)}x`),
  Array.from({ length: 60 }, (_, i) => `m${String.fromCodePoint(0x2f + i * 7)}-${i % 2 === 0 ? "X" : "x"}`),
].flat();
const FOLDER = resolve("out");

/** What is wrong with a file name, on any system. */
function faultOf(name: string): string | undefined {
  const path = join(FOLDER, name);
  if (resolve(path) !== path || !path.startsWith(FOLDER + sep) || name.includes("/") || name.includes("\\"))
    return "leaves the folder";
  // oxlint-disable-next-line no-control-regex
  if (/[\0-\u001f<>:"|?*\u007f-\u009f]/.test(name)) return "holds characters that some disk refuses";
  if (/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name)) return "is a device";
  if (/[. ]$/.test(name)) return "ends in a dot or blank";
  return Buffer.byteLength(name) > 255 ? "is too long" : undefined;
}

/** Names that are one file, also where the spelling of accents or, unless `caseCounts`, case does not count. */
function collisions(files: ReadonlyMap<string, string>, caseCounts: boolean): string[] {
  const seen = new Map<string, string>();
  return [...files].flatMap(([name, file]) => {
    const key = caseCounts ? file.normalize("NFKC") : file.normalize("NFKC").toLowerCase();
    const other = seen.get(key);
    seen.set(key, name);
    return other === undefined ? [] : [`${JSON.stringify(other)} and ${JSON.stringify(name)} are ${file}`];
  });
}

const model = { fileName: "m", thinkingModes: [true, false] };
const KINDS: Record<string, (name: string) => string> = {
  "model id": (name) =>
    resultFileName({
      dataset: "nq",
      model: { ...model, fileName: parseModelId(`vllm:${name}`).fileName },
      cues: false,
      thinking: true,
    }),
  "run name": (name) => resultFileName({ dataset: "nq", model, checkpointName: name, cues: false, thinking: true }),
  "dataset name": (name) => resultFileName({ dataset: name, model, cues: false, thinking: true }),
};

test.each(Object.entries(KINDS))(
  "a %s of any characters stays in its folder and has a file of its own",
  (kind, fileOf) => {
    const files = new Map<string, string>();
    for (const name of new Set(NAMES)) {
      try {
        files.set(name, fileOf(name));
      } catch (error) {
        if (!PkaError.isInstance(error)) throw error;
      }
    }
    expect(files.size).toBeGreaterThan(150);
    expect(
      [...files].filter(([, file]) => faultOf(file)).map(([name, file]) => `${JSON.stringify(name)}: ${file}`),
    ).toEqual([]);
    // A run keeps the case of its name, as in the paper; where a disk does not, the journal refuses the other run.
    expect(collisions(files, kind !== "model id")).toEqual([]);
  },
);

test("a checkpoint path is read or refused, and what is read is one plain name", () => {
  const read = NAMES.flatMap((name) => {
    try {
      return parseTinkerPath(`tinker://run/weights/${name}`).name;
    } catch (error) {
      if (!PkaError.isInstance(error)) throw error;
      return [];
    }
  });
  expect(read.length).toBeGreaterThan(20);
  for (const name of read) expect(name).toMatch(/^[\w.:+=@~-]*[\w:+=@~-][\w.:+=@~-]*$/);
});
