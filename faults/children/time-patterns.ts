// Times patterns on hostile texts: `time-patterns.ts <file with patterns as JSON> <first>`. Says on stdout, a JSON line each, which one it
// begins with, and what it found.
import { readFileSync } from "node:fs";
import { type HostileText, hostileTextsFor } from "../hostile-texts-for.js";

interface Pattern {
  readonly source: string;
  readonly flags: string;
}

const [file = "", first = "0"] = process.argv.slice(2);
const patterns = JSON.parse(readFileSync(file, "utf8")) as Pattern[];
const say = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`);

for (const [index, pattern] of patterns.entries()) {
  if (index < Number(first)) continue;
  let worst = { ms: 0, text: {} };
  let slow: { ms: number; ratio: number; length: number; text: HostileText } | undefined;
  const texts = hostileTextsFor(pattern.source);
  for (const text of texts) {
    say({ index, text });
    // A pattern of quadratic time is told apart while it is still cheap; one that seems linear has to stay so.
    slow = doubling(pattern, text, 10_000, 4) ?? doubling(pattern, text, 100_000, 20);
    if (slow) break;
    const ms = timed(pattern, textOf(text, 200_000), 1);
    if (ms > worst.ms) worst = { ms, text };
  }
  say({ index, texts: texts.length, worst, slow });
}

/** What doubling the text from `length` costs, when it takes longer than `floor` ms and three times as long. */
function doubling(pattern: Pattern, text: HostileText, length: number, floor: number) {
  const once = timed(pattern, textOf(text, length), 1);
  if (once <= floor) return undefined;
  const [less, more] = [length, 2 * length].map((size) => timed(pattern, textOf(text, size), 3));
  const ratio = more! / less!;
  return ratio > 3 ? { ms: more!, ratio, length: 2 * length, text } : undefined;
}

function textOf({ start, unit, end }: HostileText, length: number): string {
  const text = start + unit.repeat(Math.max(1, Math.floor((length - start.length - end.length) / unit.length))) + end;
  // Flat, so that no search pays for joining the parts.
  return Buffer.from(text, "utf16le").toString("utf16le");
}

/** Least of `rounds`, in ms of this process. */
function timed({ source, flags }: Pattern, text: string, rounds: number): number {
  const regex = new RegExp(source, flags.includes("y") || flags.includes("g") ? flags : `${flags}g`);
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const { user, system } = process.cpuUsage();
    if (regex.sticky) {
      for (let at = 0; at < text.length; at++) {
        regex.lastIndex = at;
        if (regex.test(text) && regex.lastIndex > at) at = regex.lastIndex - 1;
      }
    } else text.replace(regex, "");
    const used = process.cpuUsage({ user, system });
    least = Math.min(least, (used.user + used.system) / 1000);
  }
  return least;
}
