import { appendFileSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { header, writeJournal } from "../__fixtures__/journal.js";
import { answeringModel, collect, optionsOf, qaExamples } from "../__fixtures__/run.js";
import { evaluate } from "../evaluate.js";
import { encodeLine } from "../journal/line.js";
import { acquireLock } from "../journal/lock.js";
import { readJournal } from "../journal/read.js";
import { repairJournal } from "./repair-journal.js";
import { surveyJournal } from "./survey-journal.js";

const IDS = Array.from({ length: 19 }, (_, i) => `nq/${i + 1}`);

async function idsIn(path: string): Promise<string[]> {
  return (await collect(readJournal(path))).flatMap((record) => ("id" in record ? [record.id] : []));
}

test("a flipped byte anywhere costs the record it stands in and no other", async () => {
  const { path, bytes, lineEnds } = await writeJournal(20);
  for (let at = 0; at < bytes.length; at += 97) {
    if (lineEnds.includes(at)) continue;
    const damaged = Buffer.from(bytes);
    damaged[at]! ^= 0x01;
    const hit = lineEnds.findIndex((end) => end >= at);
    const { header: found, attempts, lost, tornBytes, kept } = await surveyJournal(path, [damaged]);
    expect(found === undefined).toBe(hit === 0);
    expect(attempts).toBe(hit === 0 ? 19 : 18);
    const [start, end] = [hit === 0 ? 0 : lineEnds[hit - 1]! + 1, lineEnds[hit]!];
    expect(lost).toMatchObject([
      { offset: start, length: end - start, line: hit + 1, problem: "is not what was written" },
    ]);
    const good = kept.map((range) => damaged.subarray(range.start, range.end));
    expect(Buffer.concat(good)).toEqual(Buffer.concat([bytes.subarray(0, start), bytes.subarray(end + 1)]));
    expect(tornBytes).toBe(0);
  }
});

test("every bit of every newline may flip: no record is lost", async () => {
  const { path, bytes, lineEnds } = await writeJournal(5);
  for (const at of lineEnds) {
    for (let bit = 0; bit < 8; bit++) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1 << bit;
      writeFileSync(path, damaged);
      await repairJournal(path);
      expect(readFileSync(path)).toEqual(bytes);
    }
  }
});

test("a byte that turns into a newline is one loss, not two", async () => {
  const { path, bytes, lineEnds } = await writeJournal(4);
  const damaged = Buffer.from(bytes);
  damaged[lineEnds[1]! - 30] = 0x0a;
  writeFileSync(path, damaged);
  const { lost } = await repairJournal(path);
  expect(lost).toMatchObject([{ offset: lineEnds[0]! + 1, length: lineEnds[1]! - lineEnds[0]! - 1, rows: ["nq/1"] }]);
  expect(await idsIn(path)).toEqual(["nq/2", "nq/3"]);
});

test("the old file stays under another name, a dry run changes nothing, a sound journal is left alone", async () => {
  const { path, bytes, lineEnds } = await writeJournal(20);
  expect(await repairJournal(path)).toMatchObject({ status: "sound", attempts: 19, lost: [], backupPath: null });
  const damaged = Buffer.from(bytes);
  damaged.fill(0, lineEnds[4]! - 10, lineEnds[6]! + 10);
  writeFileSync(path, damaged);
  appendFileSync(path, '{"type":"atte');

  const lost = [{ offset: lineEnds[3]! + 1, length: lineEnds[7]! - lineEnds[3]! - 1, line: 5, rows: ["nq/4"] }];
  expect(await repairJournal(path, { dryRun: true })).toMatchObject({ status: "damaged", lost, backupPath: null });
  expect(readdirSync(dirname(path))).toEqual(["j.jsonl"]);
  const { status, backupPath, tornBytes, ...more } = await repairJournal(path);
  expect({ status, tornBytes, ...more }).toMatchObject({ status: "repaired", tornBytes: 13, attempts: 15, lost });
  expect(readFileSync(backupPath!)).toEqual(Buffer.concat([damaged, Buffer.from('{"type":"atte')]));
  expect(await idsIn(path)).toEqual(IDS.toSpliced(3, 4));
  expect(readdirSync(dirname(path))).toHaveLength(2);
});

test("Windows line ends, a byte order mark and notes between the lines are taken out", async () => {
  const { path, bytes } = await writeJournal(5);
  writeFileSync(path, `\ufeff${bytes.toString().replaceAll("\n", "\r\n").replace("\r\n", "\r\n# a note\r\n")}`);
  await repairJournal(path);
  expect(readFileSync(path)).toEqual(bytes);
});

test("a line of 80 MB is passed over", async () => {
  const { path, bytes, lineEnds } = await writeJournal(3);
  const at = lineEnds[1]! + 1;
  writeFileSync(path, bytes.subarray(0, at));
  truncateSync(path, at + 80e6);
  appendFileSync(path, "\n");
  appendFileSync(path, bytes.subarray(at));
  await expect(collect(readJournal(path))).rejects.toThrow("line 3 (byte");
  await expect(collect(readJournal(path))).rejects.toThrow("is longer than 67108864 bytes");
  expect((await repairJournal(path)).lost).toMatchObject([{ offset: at, length: 80e6, line: 3, rows: [] }]);
  expect(readFileSync(path)).toEqual(bytes);
});

test("a lost header is taken from another journal of the same command, and that is recorded", async () => {
  const { path, bytes } = await writeJournal(5);
  const other = join(dirname(path), "other.jsonl");
  writeFileSync(other, encodeLine(header));
  const damaged = Buffer.from(bytes);
  damaged[20]! ^= 1;
  writeFileSync(path, damaged);
  await expect(collect(readJournal(path))).rejects.toThrow("--header-from");
  await expect(repairJournal(path)).rejects.toThrow("its header, which says what was asked, is lost");
  expect(readFileSync(path)).toEqual(damaged);
  expect(await repairJournal(path, { headerFrom: other })).toMatchObject({ attempts: 4, hasHeaderFromElsewhere: true });
  expect(await idsIn(path)).toEqual(IDS.slice(0, 4));
  const { value } = await readJournal(path).next();
  expect(value).toEqual({ ...header, provenance: { ...header.provenance, headerFrom: other } });
});

test("what is no journal, newer, of two runs, absent or in use is refused and left alone", async () => {
  const { path, bytes } = await writeJournal(3);
  const other = encodeLine({ ...header, conditionHash: "f".repeat(16) });
  for (const [content, reason] of [
    ["my notes\n", "it holds no record of a journal"],
    ["", "it holds no record of a journal"],
    [encodeLine({ ...header, format: 2 }), "its format 2 is newer than 1"],
    [Buffer.concat([bytes, other]), "it holds the journals of two runs"],
  ] as const) {
    writeFileSync(path, content);
    await expect(repairJournal(path)).rejects.toThrow(reason);
    expect(readFileSync(path).equals(Buffer.from(content))).toBe(true);
  }
  await expect(repairJournal(`${path}x`)).rejects.toThrow("there is no such file (ENOENT)");
  await expect(repairJournal(dirname(path))).rejects.toThrow("it is no file");
  const release = await acquireLock(`${path}.lock`);
  await expect(repairJournal(path)).rejects.toMatchObject({ code: "journal_locked" });
  release();
  expect(readdirSync(dirname(path))).toEqual(["j.jsonl"]);
});

test("after a repair the same evaluation asks what was lost and leaves the file of an undisturbed run", async () => {
  const options = optionsOf(temporaryFolder(), qaExamples(30), answeringModel());
  const { journalPath, resultPath } = await evaluate(options);
  const whole = readFileSync(resultPath);
  const damaged = readFileSync(journalPath);
  damaged[Math.floor(damaged.length / 2)]! ^= 0x10;
  writeFileSync(journalPath, damaged);
  await expect(evaluate(options)).rejects.toThrow(`\`pka repair ${journalPath}\` keeps every good record`);

  const { lost } = await repairJournal(resultPath);
  const model = answeringModel();
  expect(await evaluate({ ...options, model })).toMatchObject({ status: "complete", resumed: 29, asked: 1 });
  expect(lost[0]!.rows).toEqual([`nq/${model.asked[0]!.split(" ")[1]}`]);
  expect(readFileSync(resultPath)).toEqual(whole);
  expect(existsSync(`${journalPath}.lock`)).toBe(false);
});
